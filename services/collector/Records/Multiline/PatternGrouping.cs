using System.Text;
using System.Text.RegularExpressions;

namespace Tributary.Collector.Records.Multiline;

/// <summary>
/// Groups by the patterns of a config. With a start, what follows it belongs to it: up to the next start, as long as
/// lines match continue, or up to the end, whichever are given. Without one, a line goes on with the record before it
/// if it matches continue, or until one matches the end. Outside of a record that has both ends each line is alone.
/// </summary>
internal sealed class PatternGrouping(Regex? start, Regex? goOn, Regex? end) : LineGrouping
{
    private const int Outside = 0;
    private const int Inside = 1;

    private char[] _text = new char[4096];

    public override LineVerdict Judge(bool goesOn, ref int state, ReadOnlySpan<byte> open, ReadOnlySpan<byte> line)
    {
        var text = Decode(WithoutReturn(line));
        return start is null ? WithoutStart(goesOn, text) : WithStart(goesOn, ref state, text);
    }

    private LineVerdict WithStart(bool goesOn, ref int state, ReadOnlySpan<char> text)
    {
        if (start!.IsMatch(text))
        {
            var whole = Ends(text);
            state = whole ? Outside : Inside;
            return whole ? LineVerdict.Alone : LineVerdict.Begins;
        }

        if (goesOn && state == Inside)
        {
            if (Ends(text))
            {
                state = Outside;
                return LineVerdict.Ends;
            }

            if (goOn is null || goOn.IsMatch(text))
            {
                return LineVerdict.Continues;
            }
        }

        state = Outside;
        if (goOn is not null || end is not null)
        {
            return LineVerdict.Alone;
        }

        // Lines before the first start: the rest of a record whose start is not known.
        return goesOn ? LineVerdict.Continues : LineVerdict.Begins;
    }

    private LineVerdict WithoutStart(bool goesOn, ReadOnlySpan<char> text)
    {
        if (Ends(text))
        {
            return goesOn ? LineVerdict.Ends : LineVerdict.Alone;
        }

        var continues = goOn is null || goOn.IsMatch(text);
        return goesOn && continues ? LineVerdict.Continues : LineVerdict.Begins;
    }

    private bool Ends(ReadOnlySpan<char> text) => end is not null && end.IsMatch(text);

    /// <summary>What is not UTF-8 becomes U+FFFD for the patterns; the record keeps its bytes.</summary>
    private ReadOnlySpan<char> Decode(ReadOnlySpan<byte> line)
    {
        if (_text.Length < line.Length)
        {
            _text = new char[Math.Max(line.Length, _text.Length * 2)];
        }

        return _text.AsSpan(0, Encoding.UTF8.GetChars(line, _text));
    }
}

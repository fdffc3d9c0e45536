using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Tributary.Config;

namespace Tributary.Collector.Records.Parsing;

/// <summary>
/// A pattern's named groups are the fields; a group that took no part is none. Runs on .NET's linear engine, which reads
/// characters: the line is turned into a string, and places in it back into bytes. A line that is not UTF-8 is read a
/// byte a character. This is the slowest format, a few microseconds and some garbage a line.
/// </summary>
internal sealed class RegexpParser : IRecordParser
{
    /// <summary>The engine's work grows with line times pattern.</summary>
    public const int LineBytesMax = 64 * 1024;

    private readonly Regex _pattern;
    private readonly int[] _groups;
    private readonly KeyBlock _keys;
    private readonly FieldTypes _types;

    public RegexpParser(ParseRule rule)
    {
        _pattern = rule.Pattern!;
        string[] names = [.. _pattern.GetGroupNames().Where(n => !char.IsAsciiDigit(n[0]))];
        _groups = [.. names.Select(_pattern.GroupNumberFromName)];
        _keys = new KeyBlock(names);
        _types = new FieldTypes(rule.Types);
    }

    public bool TryParse(LogRecord record, out string reason)
    {
        var line = record.BodyBytes;
        if (line.Length > LineBytesMax)
        {
            reason = ParseReasons.TooLong;
            return false;
        }

        // In ASCII, and in what is not UTF-8, a byte is a character.
        var isWide = !Ascii.IsValid(line) && Utf8.IsValid(line);
        var text = isWide ? Encoding.UTF8.GetString(line) : Encoding.Latin1.GetString(line);
        Match match;
        try
        {
            match = _pattern.Match(text);
        }
        catch (RegexMatchTimeoutException)
        {
            reason = ParseReasons.Timeout;
            return false;
        }

        if (!match.Success)
        {
            reason = ParseReasons.NoMatch;
            return false;
        }

        _keys.Begin(record);
        for (var i = 0; i < _groups.Length; i++)
        {
            var group = match.Groups[_groups[i]];
            if (group.Success)
            {
                var start = isWide ? Encoding.UTF8.GetByteCount(text.AsSpan(0, group.Index)) : group.Index;
                var length = isWide ? Encoding.UTF8.GetByteCount(group.ValueSpan) : group.Length;
                _keys.Text(record, i, new Slice(record.Body.Start + start, length));
            }
        }

        reason = ParseReasons.Type;
        return _types.Apply(record);
    }
}

using System.Globalization;
using System.Text;
using Tributary.Contracts;

namespace Tributary.Testing;

/// <summary>
/// Generated log records, the same for the same seed: record <c>n</c> has the text <c>seq=n words…</c>, so that an exact set
/// of numbers and a byte-equal comparison are possible. In the runtimes' formats 3 % of the records are split into two lines.
/// </summary>
public sealed class Corpus
{
    private const int SequenceDigits = 12;
    private const int FillerBytes = 1 << 16;
    private const int PartialPercent = 3;
    private const int TextBytesMin = 90;
    private const int TextBytesMax = 230;

    private static readonly byte[] s_prefix = "seq="u8.ToArray();

    private readonly byte[] _filler;
    private readonly ulong _seed;

    /// <summary>Any seed gives another content of about the same size.</summary>
    public Corpus(int seed = 1)
    {
        _seed = (ulong)seed;
        _filler = MakeFiller();
    }

    /// <summary>Writes exactly <paramref name="lines"/> lines, about 200 bytes each in CRI format, with numbers from <paramref name="first"/>.</summary>
    public CorpusFile Write(string path, LogFormat format, long lines, long first = 0)
    {
        using var output = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var writer = new CorpusWriter(output, format);
        Span<byte> text = stackalloc byte[TextBytesMax];
        var sequence = first;
        for (long written = 0; written < lines; sequence++)
        {
            var length = Text(sequence, text);
            if (format != LogFormat.Raw && IsPartial(sequence) && written + 2 <= lines)
            {
                var half = length / 2;
                writer.Line(text[..half], sequence, partial: true);
                writer.Line(text[half..length], sequence, partial: false);
                written += 2;
            }
            else
            {
                writer.Line(text[..length], sequence, partial: false);
                written++;
            }
        }

        writer.Flush();
        return new CorpusFile(path, format, lines, first, sequence - first, output.Length);
    }

    /// <summary>The exact text of a record, as it must arrive.</summary>
    public string Text(long sequence)
    {
        Span<byte> text = stackalloc byte[TextBytesMax];
        return Encoding.ASCII.GetString(text[..Text(sequence, text)]);
    }

    /// <summary>The record's number, from the text that arrived; null when there is none.</summary>
    public static long? Sequence(ReadOnlySpan<char> text)
    {
        var start = text.IndexOf("seq=");
        return start >= 0
            && text.Length >= start + 4 + SequenceDigits
            && long.TryParse(text.Slice(start + 4, SequenceDigits), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            ? sequence
            : null;
    }

    private int Text(long sequence, Span<byte> text)
    {
        var mixed = Mix((ulong)sequence ^ (_seed << 40));
        var length = TextBytesMin + (int)(mixed % (TextBytesMax - TextBytesMin));
        s_prefix.CopyTo(text);
        sequence.TryFormat(text[4..], out _, "D12", CultureInfo.InvariantCulture);
        var start = 4 + SequenceDigits;
        text[start++] = (byte)' ';
        var offset = (int)((mixed >> 20) % (ulong)(FillerBytes - TextBytesMax));
        _filler.AsSpan(offset, length - start).CopyTo(text[start..]);

        // A text that ends in a space would compare badly in tools that trim.
        text[length - 1] = (byte)'.';
        return length;
    }

    private bool IsPartial(long sequence) => Mix((ulong)sequence + _seed) % 100 < PartialPercent;

    // Words as services log them; the quotes and backslashes make JSON escape something.
    private byte[] MakeFiller()
    {
        string[] words =
        [
            "INFO", "WARN", "request", "handled", "in", "ms", "user", "order", "GET", "/api/v1/items", "status=200", "status=503",
            "retry", "connection", "\"quoted value\"", "C:\\logs\\app", "trace_id=4bf92f3577b34da6", "cache", "miss", "pool", "queue",
        ];
        var text = new StringBuilder(FillerBytes + 32);
        for (var i = 0UL; text.Length < FillerBytes; i++)
        {
            text.Append(words[Mix(i ^ _seed) % (ulong)words.Length]).Append(' ').Append(Mix(i + 77 + _seed) % 10_000).Append(' ');
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, FillerBytes));
    }

    // The finalizer of SplitMix64: well mixed, and the same on every machine.
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

using System.Buffers.Binary;

namespace Tributary.Collector.Formats;

/// <summary>
/// A line in the CRI logging format: <c>time stream tags text</c>, where tags starts with P (partial) or F (full).
/// Format: kubernetes/design-proposals-archive, node/kubelet-cri-logging.md.
/// </summary>
internal static class CriLine
{
    /// <summary>Of the date; what follows it is a T, as a space ends the time.</summary>
    private const int DateLength = 10;

    /// <summary>Of stream and tag with their spaces: <c>" stdout F "</c>.</summary>
    private const int UsualLength = 10;

    private const ushort FullWord = 'F' | ' ' << 8;
    private const ushort PartialWord = 'P' | ' ' << 8;

    /// <summary><c>" stdout "</c> as a number, its first byte lowest.</summary>
    private const ulong StdoutWord = 0x2074_756F_6474_7320;

    private const ulong StderrWord = 0x2072_7265_6474_7320;

    /// <summary>Takes the line apart; false when it is not in the format.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, Rfc3339 times, ref Fragment fragment)
    {
        if (!times.TryParse(line, out fragment.TimeUnixNano, out var at) || line[DateLength] == ' ')
        {
            return false;
        }

        line = line[at..];
        if (line.Length < UsualLength)
        {
            return TryParseRest(line, ref fragment);
        }

        // The usual line: its stream is one number to compare, its tag another.
        var stream = BinaryPrimitives.ReadUInt64LittleEndian(line);
        var tag = BinaryPrimitives.ReadUInt16LittleEndian(line[sizeof(ulong)..]);
        if ((stream == StdoutWord || stream == StderrWord) && tag is FullWord or PartialWord)
        {
            fragment.Stream = stream == StdoutWord ? LogStream.Stdout : LogStream.Stderr;
            fragment.Partial = tag == PartialWord;
            fragment.Text = line[UsualLength..];
            return true;
        }

        return TryParseRest(line, ref fragment);
    }

    /// <summary>Reads what follows the time, whatever form it has.</summary>
    private static bool TryParseRest(ReadOnlySpan<byte> line, ref Fragment fragment)
    {
        if (line.StartsWith(" stdout "u8))
        {
            fragment.Stream = LogStream.Stdout;
        }
        else if (line.StartsWith(" stderr "u8))
        {
            fragment.Stream = LogStream.Stderr;
        }
        else
        {
            return false;
        }

        line = line[" stdout ".Length..];
        if (line.IsEmpty || line[0] is not ((byte)'F' or (byte)'P'))
        {
            return false;
        }

        fragment.Partial = line[0] == 'P';
        if (line.Length > 1 && line[1] == ' ')
        {
            fragment.Text = line[2..];
            return true;
        }

        // Further tags, separated by colons, may follow the first one; an empty text may have lost its space.
        var space = line.IndexOf((byte)' ');
        if (line.Length > 1 && line[1] != ':')
        {
            return false;
        }

        fragment.Text = space < 0 ? [] : line[(space + 1)..];
        return true;
    }
}

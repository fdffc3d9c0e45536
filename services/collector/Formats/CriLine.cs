namespace Tributary.Collector.Formats;

/// <summary>
/// A line in the CRI logging format: <c>time stream tags text</c>, where tags starts with P (partial) or F (full).
/// Format: kubernetes/design-proposals-archive, node/kubelet-cri-logging.md.
/// </summary>
internal static class CriLine
{
    /// <summary>Takes the line apart; false when it is not in the format.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, Rfc3339 times, ref Fragment fragment)
    {
        var space = line.IndexOf((byte)' ');
        if (space < 0 || !times.TryParse(line[..space], out fragment.TimeUnixNano))
        {
            return false;
        }

        line = line[(space + 1)..];
        if (line.StartsWith("stdout "u8))
        {
            fragment.Stream = LogStream.Stdout;
        }
        else if (line.StartsWith("stderr "u8))
        {
            fragment.Stream = LogStream.Stderr;
        }
        else
        {
            return false;
        }

        line = line["stdout ".Length..];
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
        space = line.IndexOf((byte)' ');
        if (line.Length > 1 && line[1] != ':')
        {
            return false;
        }

        fragment.Text = space < 0 ? [] : line[(space + 1)..];
        return true;
    }
}

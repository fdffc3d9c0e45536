using Microsoft.Win32.SafeHandles;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Formats;
using Tributary.Contracts;

namespace Tributary.Collector.Tailing;

/// <summary>
/// Finds where reading begins in a file of which nothing is known. A source's start position is for what was there
/// before it was first looked at: files that come later, or came while the collector was down, are read from their
/// beginning. The place is always the start of a line.
/// </summary>
internal static class StartFinder
{
    private const int ProbeBytes = 64 * 1024;
    private const long NanosPerSecond = 1_000_000_000;

    /// <exception cref="IOException">The file cannot be read.</exception>
    public static long Find(FollowedSource source, SafeFileHandle file, FileStat stat, bool rotated, KnownFiles known, DateTimeOffset now)
    {
        var start = source.Spec.Start;
        if (start.Kind == StartKind.Beginning || source.Begun || known.OfPath(source.Spec).Any() || CameWhileDown(stat, known))
        {
            return 0;
        }

        if (start.Kind == StartKind.End)
        {
            return rotated ? stat.Size : LineStartAtOrBefore(file, stat.Size);
        }

        var since = start.Since > now ? now : start.Since;
        var nanos = (since - DateTimeOffset.UnixEpoch).Ticks * 100;
        return stat.ModifiedAt < nanos
            ? (rotated ? stat.Size : LineStartAtOrBefore(file, stat.Size))
            : FirstLineSince(file, stat.Size, source.Spec.Format, (ulong)Math.Max(0, nanos));
    }

    private static bool CameWhileDown(FileStat stat, KnownFiles known) =>
        known.LastSeenAtStart > 0 && stat.BornAt / NanosPerSecond > known.LastSeenAtStart;

    /// <summary>After the last newline before the offset. A line longer than a probe is begun in its middle.</summary>
    private static long LineStartAtOrBefore(SafeFileHandle file, long offset)
    {
        var bytes = new byte[Math.Min(ProbeBytes, offset)];
        var read = RandomAccess.Read(file, bytes, offset - bytes.Length);
        var newline = bytes.AsSpan(0, read).LastIndexOf((byte)'\n');
        return newline >= 0 ? offset - bytes.Length + newline + 1 : bytes.Length == offset ? 0 : offset;
    }

    /// <summary>By halving: lines of one file come in the order of their times, but for jumps of the clock. 0 where lines have no times.</summary>
    private static long FirstLineSince(SafeFileHandle file, long size, LogFormat format, ulong since)
    {
        long low = 0;
        var high = size;
        while (high - low > ProbeBytes)
        {
            var middle = LineStartAtOrBefore(file, low + ((high - low) / 2));
            if (middle <= low || TimeOfFirst(file, middle, format) is not { } time)
            {
                break;
            }

            (low, high) = time < since ? (middle, high) : (low, middle);
        }

        return Walk(file, low, format, since, size);
    }

    private static long Walk(SafeFileHandle file, long offset, LogFormat format, ulong since, long size)
    {
        var bytes = new byte[2 * ProbeBytes];
        var length = RandomAccess.Read(file, bytes, offset);
        var rest = bytes.AsSpan(0, length);
        while (rest.IndexOf((byte)'\n') is >= 0 and var newline)
        {
            if (TimeOf(rest[..newline], format) is not { } time || time >= since)
            {
                return offset;
            }

            offset += newline + 1;
            rest = rest[(newline + 1)..];
        }

        return Math.Min(offset, size);
    }

    private static ulong? TimeOfFirst(SafeFileHandle file, long offset, LogFormat format)
    {
        var bytes = new byte[ProbeBytes];
        var line = bytes.AsSpan(0, RandomAccess.Read(file, bytes, offset));
        var newline = line.IndexOf((byte)'\n');
        return newline < 0 ? null : TimeOf(line[..newline], format);
    }

    private static ulong? TimeOf(ReadOnlySpan<byte> line, LogFormat format)
    {
        var fragment = default(Fragment);
        var times = new Rfc3339();
        var parsed = (format is LogFormat.Cri or LogFormat.Auto && CriLine.TryParse(line, times, ref fragment))
            || (format is LogFormat.Docker or LogFormat.Auto && line.StartsWith("{"u8) && new DockerLine().TryParse(line, times, ref fragment));
        return parsed && fragment.TimeUnixNano != 0 ? fragment.TimeUnixNano : null;
    }
}

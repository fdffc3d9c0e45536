using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Tributary.Collector.Feeds.Kernel;

/// <summary>
/// Reads the kernel's ring from <c>/dev/kmsg</c>, one record a read. Its sequence numbers are the positions, so what the
/// ring overwrote before it was read is known to the record, and counted. Format: Documentation/ABI/testing/dev-kmsg.
/// </summary>
internal sealed partial class KernelReader(KernelSource source, CollectorMetrics metrics, TimeProvider time, ILogger logger) : IFeedReader
{
    private const int RecordBytesMax = 8 * 1024;
    private const int Epipe = 32;
    private const int Eagain = 11;
    private const int Einval = 22;
    private const int OpenReadNonBlocking = 0x800;
    private const int SeekEnd = 2;

    private static readonly TimeSpan IdleWait = TimeSpan.FromMilliseconds(250);
    private static readonly byte[] FacilityKey = "syslog.facility.code"u8.ToArray();

    /// <summary>The boot: with the next one the numbers begin again.</summary>
    public string Identity() => source.BootIdPath.Length == 0 ? "" : File.ReadAllText(source.BootIdPath).Trim();

    public void Read(string? cursor, long position, Func<FeedEntry, bool> take, CancellationToken stopping)
    {
        using var ring = Open();
        if (cursor is null && source.FromEnd)
        {
            _ = lseek(ring, 0, SeekEnd);
        }

        var next = cursor is null ? -1 : long.Parse(cursor, CultureInfo.InvariantCulture) + 1;
        var buffer = new byte[RecordBytesMax];
        while (!stopping.IsCancellationRequested)
        {
            var length = read(ring, buffer, (nuint)buffer.Length);
            if (length < 0)
            {
                Failed(Marshal.GetLastPInvokeError(), stopping);
            }
            else if (length == 0)
            {
                stopping.WaitHandle.WaitOne(IdleWait);
            }
            else if (Parse(buffer.AsSpan(0, (int)length)) is { } entry && entry.Position >= next)
            {
                Overwritten(next, entry.Position);
                next = entry.Position + 1;
                if (!take(entry))
                {
                    return;
                }
            }
        }
    }

    /// <summary>Takes <c>priority,sequence,microseconds,flags;text</c> apart; null for what is not of this form.</summary>
    internal FeedEntry? Parse(ReadOnlySpan<byte> record)
    {
        var semicolon = record.IndexOf((byte)';');
        if (semicolon < 0)
        {
            return null;
        }

        var head = Encoding.ASCII.GetString(record[..semicolon]).Split(',');
        if (head.Length < 3
            || !int.TryParse(head[0], NumberStyles.None, CultureInfo.InvariantCulture, out var priority)
            || !long.TryParse(head[1], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            || !ulong.TryParse(head[2], NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds))
        {
            return null;
        }

        // Lines that begin with a space behind the first are the record's dictionary (SUBSYSTEM=, DEVICE=).
        var text = record[(semicolon + 1)..];
        var newline = text.IndexOf((byte)'\n');
        var attributes = new List<(byte[], byte[])> { (FacilityKey, Encoding.ASCII.GetBytes((priority >> 3).ToString(CultureInfo.InvariantCulture))) };
        if (newline >= 0)
        {
            AddDictionary(text[(newline + 1)..], attributes);
            text = text[..newline];
        }

        return new FeedEntry(sequence, head[1], WallTime(microseconds), SyslogSeverity.ToOtel(priority & 7), Unescape(text), attributes);
    }

    private static void AddDictionary(ReadOnlySpan<byte> lines, List<(byte[] Key, byte[] Text)> attributes)
    {
        foreach (var range in lines.Split((byte)'\n'))
        {
            var line = lines[range];
            var equals = line.IndexOf((byte)'=');
            if (equals > 1 && line[0] == ' ')
            {
                attributes.Add(([.. "kernel."u8, .. line[1..equals]], Unescape(line[(equals + 1)..])));
            }
        }
    }

    /// <summary>The kernel writes bytes that it does not print as <c>\xNN</c>.</summary>
    private static byte[] Unescape(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf("\\x"u8) < 0)
        {
            return text.ToArray();
        }

        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text[i + 1] == 'x'
                && byte.TryParse(text.Slice(i + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                bytes.Add(value);
                i += 3;
            }
            else
            {
                bytes.Add(text[i]);
            }
        }

        return [.. bytes];
    }

    /// <summary>The ring has the time since boot, without what the machine slept: exact to the drift between the two clocks.</summary>
    private ulong WallTime(ulong microseconds)
    {
        var now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        var sinceBoot = time.GetTimestamp() * (1_000_000_000.0 / time.TimestampFrequency);
        return (ulong)Math.Max(0, now - (long)sinceBoot + (long)microseconds * 1000);
    }

    private void Overwritten(long expected, long came)
    {
        if (expected >= 0 && came > expected)
        {
            metrics.Dropped("kernel_ring_overrun", came - expected);
            LogOverrun(logger, source.DisplayName, came - expected);
        }
    }

    private static void Failed(int error, CancellationToken stopping)
    {
        switch (error)
        {
            case Epipe:
                // Overwritten while reading: the next read gives the oldest there is, and its number tells the gap.
                return;
            case Eagain:
                stopping.WaitHandle.WaitOne(IdleWait);
                return;
            case Einval:
                throw new IOException($"A kernel record is longer than {RecordBytesMax} bytes.");
            default:
                throw new IOException($"Reading the kernel's ring failed: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }

    private SafeFileHandle Open()
    {
        var ring = open(source.Path, OpenReadNonBlocking);
        return ring >= 0
            ? new SafeFileHandle(ring, ownsHandle: true)
            : throw new IOException($"{source.Path} cannot be opened: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}. It takes root, or CAP_SYSLOG where kernel.dmesg_restrict is 1.");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(SafeFileHandle file, byte[] buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(SafeFileHandle file, long offset, int whence);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source}: the ring overwrote {Count} records before they were read. A larger log_buf_len keeps more.")]
    private static partial void LogOverrun(ILogger logger, string source, long count);
}

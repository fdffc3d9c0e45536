using System.Runtime.InteropServices;

namespace Tributary.Collector.Tailing;

/// <summary>
/// Runs of NUL bytes where a line would begin: what a truncated file has before the old offset when its writer goes on
/// there. They are passed over, by the file system's own knowledge of holes where it has any. A run that reaches the
/// file's end is left: a program may have reserved the room and write into it later.
/// </summary>
internal static partial class Hole
{
    /// <summary>At a file's beginning; one NUL there may be a character of UTF-16.</summary>
    private const int AtStartMin = 2;

    /// <summary>Elsewhere: shorter runs are a line's own.</summary>
    private const int ElsewhereMin = 512;

    private const int SeekData = 3;
    private const int Enxio = 6;
    private const int ChunkBytes = 64 * 1024;

    /// <summary>Whether what comes next is such a run.</summary>
    public static bool Begins(TailedFile file, ReadOnlySpan<byte> data) =>
        data.Length >= AtStartMin && data[0] == 0 && !file.MidLine && !file.Bytes.IsCompressed
        && RunOf(data) >= Math.Min(data.Length, file.Position == 0 ? AtStartMin : ElsewhereMin);

    /// <summary>Passes over the run; false when it reaches the file's end.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static bool Skip(TailedFile file, ReadOnlySpan<byte> data, CollectorMetrics metrics)
    {
        var end = file.Position + RunOf(data);
        end = end < file.Position + data.Length ? end : EndOf(file, end);
        if (end >= file.Size && !file.Rotated && file.Source.Growing)
        {
            return false;
        }

        metrics.SkippedNul(end - file.Position);
        file.SkipTo(end);
        return true;
    }

    /// <summary>The first byte from the offset on that is not NUL; the file's size where there is none.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static long EndOf(TailedFile file, long offset)
    {
        if (file.Bytes.IsCompressed)
        {
            return offset;
        }

        var chunk = new byte[ChunkBytes];
        while (offset < file.Size)
        {
            var data = lseek64((int)file.Bytes.Handle.DangerousGetHandle(), offset, SeekData);
            if (data < 0 && Marshal.GetLastPInvokeError() == Enxio)
            {
                return file.Size;
            }

            offset = Math.Max(offset, data);
            var read = RandomAccess.Read(file.Bytes.Handle, chunk, offset);
            var run = RunOf(chunk.AsSpan(0, read));
            offset += run;
            if (run < read || read == 0)
            {
                break;
            }
        }

        return offset;
    }

    private static int RunOf(ReadOnlySpan<byte> data) => data.IndexOfAnyExcept((byte)0) is >= 0 and var first ? first : data.Length;

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek64(int file, long offset, int whence);
}

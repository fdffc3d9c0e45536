using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace Tributary.Collector.Tailing;

/// <summary>What a pass over a gzip file found out: whether it is whole, how long its text is, and which texts that were read it continues.</summary>
/// <param name="IsWhole">One member, complete, with a right checksum.</param>
/// <param name="Length">Of the text, in bytes.</param>
/// <param name="Head">The text's first bytes.</param>
/// <param name="Asked">What was looked for.</param>
/// <param name="Found">Which of these the text has.</param>
internal sealed record GzipFacts(bool IsWhole, long Length, byte[] Head, IReadOnlySet<TailMark> Asked, IReadOnlySet<TailMark> Found)
{
    private const int ChunkBytes = 64 * 1024;
    private const int TrailerBytes = 8;

    /// <summary>Whether the text begins with the bytes that the fingerprint was taken of, and has those of the tail.</summary>
    public bool Continues(Fingerprint fingerprint, TailMark tail) =>
        fingerprint.Length <= Head.Length
        && (fingerprint.Length == 0 || Fingerprint.Of(Head.AsSpan(0, fingerprint.Length)) == fingerprint)
        && (tail.Length == 0 || Found.Contains(tail));

    /// <summary>Reads the whole file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="key">Which it is: another at the path is not looked into.</param>
    /// <param name="tails">What to look for.</param>
    /// <param name="stopping">Ends the pass.</param>
    public static GzipFacts Read(string path, FileKey key, IReadOnlySet<TailMark> tails, CancellationToken stopping)
    {
        var head = new byte[Fingerprint.LengthMax];
        var found = new HashSet<TailMark>();
        long total = 0;
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var stat = FileStat.OfHandle(handle);
            if (stat.Key == key && stat.Size > TrailerBytes)
            {
                using var file = new FileStream(handle, FileAccess.Read, ChunkBytes);
                using var gzip = new GZipStream(file, CompressionMode.Decompress);
                total = Scan(gzip, tails, head, found, stopping);
                var whole = EndsWith(handle, stat.Size, total);
                return new GzipFacts(whole, total, head[..(int)Math.Min(total, head.Length)], tails, found);
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            // Torn, growing or damaged: the caller waits, and in the end counts it.
        }

        return new GzipFacts(false, total, [], tails, found);
    }

    private static long Scan(GZipStream gzip, IReadOnlySet<TailMark> tails, byte[] head, HashSet<TailMark> found, CancellationToken stopping)
    {
        // Each chunk has before it the last bytes of the one before.
        var buffer = new byte[TailMark.LengthMax + ChunkBytes];
        long total = 0;
        int read;
        while ((read = gzip.Read(buffer, TailMark.LengthMax, ChunkBytes)) > 0)
        {
            stopping.ThrowIfCancellationRequested();
            if (total < head.Length)
            {
                var count = (int)Math.Min(read, head.Length - total);
                buffer.AsSpan(TailMark.LengthMax, count).CopyTo(head.AsSpan((int)total));
            }

            foreach (var tail in tails)
            {
                if (tail.End > total && tail.End <= total + read && tail.Length is > 0 and <= TailMark.LengthMax
                    && tail.IsOf(buffer.AsSpan(TailMark.LengthMax + (int)(tail.End - total) - tail.Length, tail.Length)))
                {
                    found.Add(tail);
                }
            }

            total += read;
            buffer.AsSpan(read, TailMark.LengthMax).CopyTo(buffer);
        }

        return total;
    }

    /// <summary>Whether the file says that its text is of this length.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static bool EndsWith(string path, long length)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return EndsWith(handle, RandomAccess.GetLength(handle), length);
    }

    /// <summary>A torn file ends without the text's length; what is read of it then looks like an end.</summary>
    private static bool EndsWith(SafeFileHandle file, long size, long total)
    {
        Span<byte> length = stackalloc byte[sizeof(uint)];
        return size > TrailerBytes
            && RandomAccess.Read(file, length, size - sizeof(uint)) == sizeof(uint)
            && BinaryPrimitives.ReadUInt32LittleEndian(length) == (uint)total;
    }
}

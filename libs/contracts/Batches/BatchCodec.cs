using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Tributary.Contracts.Batches;

/// <summary>How a batch's body is compressed; the names are HTTP content codings.</summary>
public enum BatchCodec
{
    None,
    Gzip,
    Zstd,
}

/// <summary>
/// Compresses and decompresses batch bodies. A body that claims to be larger than <see cref="DecodedBytesMax"/>, or is
/// not what its codec says, is an <see cref="InvalidDataException"/>; memory stays within that bound.
/// </summary>
public static class BatchCompression
{
    /// <summary>The largest decoded body that is accepted, bytes.</summary>
    public const int DecodedBytesMax = 64 * 1024 * 1024;

    /// <summary>Header and trailer of a gzip member.</summary>
    private const int GzipBytesMin = 18;

    public static string Name(BatchCodec codec) => codec switch
    {
        BatchCodec.Zstd => "zstd",
        BatchCodec.Gzip => "gzip",
        _ => "identity",
    };

    /// <exception cref="InvalidDataException">The name is of no codec.</exception>
    public static BatchCodec Parse(string? name) => name switch
    {
        "zstd" => BatchCodec.Zstd,
        "gzip" => BatchCodec.Gzip,
        "identity" or "" or null => BatchCodec.None,
        _ => throw new InvalidDataException($"Unknown batch codec '{Excerpt.Of(name)}'."),
    };

    /// <summary>A new array of exactly the compressed size, as the bus client needs it.</summary>
    public static byte[] Compress(BatchCodec codec, ReadOnlySpan<byte> body)
    {
        switch (codec)
        {
            case BatchCodec.Zstd:
                return Zstd.Compress(body);
            case BatchCodec.Gzip when body.IsEmpty:
                // The runtime writes nothing at all where nothing is written.
                return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            case BatchCodec.Gzip:
                using (var target = new MemoryStream(body.Length / 2))
                {
                    using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
                    {
                        gzip.Write(body);
                    }

                    return target.ToArray();
                }

            default:
                return body.ToArray();
        }
    }

    /// <summary>The decoded body, in a buffer from the shared pool that the caller disposes.</summary>
    /// <exception cref="InvalidDataException">The body is not what its codec says, or too large.</exception>
    public static PooledBytes Decompress(BatchCodec codec, ReadOnlyMemory<byte> body) => codec switch
    {
        BatchCodec.Zstd => Zstd.Decompress(body.Span, DecodedBytesMax),
        BatchCodec.Gzip => Gunzip(body),
        _ when body.Length > DecodedBytesMax => throw TooLarge(body.Length),
        _ => PooledBytes.Copy(body.Span),
    };

    internal static InvalidDataException TooLarge(long size) =>
        new($"The batch decodes to {size} bytes or more; at most {DecodedBytesMax} are accepted.");

    /// <summary>
    /// One gzip member, whole: its trailer says the size, as the runtime's reader takes a cut member or bytes after it
    /// without complaint.
    /// </summary>
    private static PooledBytes Gunzip(ReadOnlyMemory<byte> body)
    {
        if (body.Length < GzipBytesMin)
        {
            throw new InvalidDataException("gzip: the body is cut.");
        }

        var claimed = BinaryPrimitives.ReadUInt32LittleEndian(body.Span[^4..]);
        if (claimed > DecodedBytesMax)
        {
            throw TooLarge(claimed);
        }

        using var source = new GZipStream(Stream(body), CompressionMode.Decompress);
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max((int)claimed, 1));
        try
        {
            var length = source.ReadAtLeast(buffer.AsSpan(0, (int)claimed), (int)claimed, throwOnEndOfStream: false);
            return length == (int)claimed && source.ReadByte() < 0
                ? new PooledBytes(buffer, length)
                : throw new InvalidDataException("gzip: the size differs from the trailer's.");
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private static MemoryStream Stream(ReadOnlyMemory<byte> body) =>
        MemoryMarshal.TryGetArray(body, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(body.ToArray(), writable: false);
}

/// <summary>Bytes in a pooled array; dispose once.</summary>
public readonly struct PooledBytes(byte[] array, int length) : IDisposable
{
    public ReadOnlyMemory<byte> Memory => array.AsMemory(0, length);

    public ReadOnlySpan<byte> Span => array.AsSpan(0, length);

    public static PooledBytes Copy(ReadOnlySpan<byte> bytes)
    {
        var copy = ArrayPool<byte>.Shared.Rent(Math.Max(bytes.Length, 1));
        bytes.CopyTo(copy);
        return new PooledBytes(copy, bytes.Length);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(array);
}

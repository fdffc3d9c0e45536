using System.Buffers;
using System.IO.Compression;

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
        _ => throw new InvalidDataException($"Unknown batch codec '{name}'."),
    };

    /// <summary>A new array of exactly the compressed size, as the bus client needs it.</summary>
    public static byte[] Compress(BatchCodec codec, ReadOnlySpan<byte> body)
    {
        switch (codec)
        {
            case BatchCodec.Zstd:
                return Zstd.Compress(body);
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

    private static PooledBytes Gunzip(ReadOnlyMemory<byte> body)
    {
        using var source = new GZipStream(new MemoryStream(body.ToArray(), writable: false), CompressionMode.Decompress);
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Min(Math.Max(body.Length * 4, 4096), DecodedBytesMax));
        var length = 0;
        try
        {
            while (true)
            {
                var read = source.Read(buffer.AsSpan(length));
                length += read;
                if (read == 0 && length < buffer.Length)
                {
                    return new PooledBytes(buffer, length);
                }

                if (length >= DecodedBytesMax)
                {
                    throw TooLarge(length);
                }

                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }
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

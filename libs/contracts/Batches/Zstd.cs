using System.Buffers;
using System.Runtime.InteropServices;

namespace Tributary.Contracts.Batches;

/// <summary>
/// Binding of libzstd (1.4 or later), as no managed package is used. One compression context a thread, as creating one
/// costs more than a batch.
/// </summary>
public static partial class Zstd
{
    /// <summary>Fastest of the regular levels: best ratio of size to CPU for log lines.</summary>
    public const int Level = 1;

    private const string Library = "libzstd.so.1";
    private const ulong ContentSizeUnknown = ulong.MaxValue;
    private const ulong ContentSizeError = ulong.MaxValue - 1;

    private static ReadOnlySpan<byte> Magic => [0x28, 0xB5, 0x2F, 0xFD];

    [ThreadStatic]
    private static Context? t_context;

    /// <summary>Whether the library is on this machine.</summary>
    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(Library, typeof(Zstd).Assembly, null, out _);

    public static unsafe byte[] Compress(ReadOnlySpan<byte> source)
    {
        var context = t_context ??= new Context(ZSTD_createCCtx());
        var buffer = ArrayPool<byte>.Shared.Rent((int)ZSTD_compressBound((nuint)source.Length));
        try
        {
            fixed (byte* from = source)
            fixed (byte* to = buffer)
            {
                var size = ZSTD_compressCCtx(context.Handle, to, (nuint)buffer.Length, from, (nuint)source.Length, Level);
                if (ZSTD_isError(size) != 0)
                {
                    throw new InvalidOperationException($"zstd: {Name(size)}");
                }

                return buffer.AsSpan(0, (int)size).ToArray();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <exception cref="InvalidDataException">Not one whole zstd frame of known size up to <paramref name="maximum"/> bytes.</exception>
    public static unsafe PooledBytes Decompress(ReadOnlySpan<byte> source, int maximum)
    {
        fixed (byte* from = source)
        {
            var claimed = ZSTD_getFrameContentSize(from, (nuint)source.Length);
            if (claimed is ContentSizeUnknown or ContentSizeError)
            {
                throw new InvalidDataException("The body is no zstd frame with a content size.");
            }

            // A skippable frame has a size of 0 too, and after a frame another one may follow.
            if (!source.StartsWith(Magic) || ZSTD_findFrameCompressedSize(from, (nuint)source.Length) != (nuint)source.Length)
            {
                throw new InvalidDataException("The body is not one whole zstd frame.");
            }

            if (claimed > (ulong)maximum)
            {
                throw BatchCompression.TooLarge((long)Math.Min(claimed, long.MaxValue));
            }

            var buffer = ArrayPool<byte>.Shared.Rent(Math.Max((int)claimed, 1));
            fixed (byte* to = buffer)
            {
                var size = ZSTD_decompress(to, (nuint)claimed, from, (nuint)source.Length);
                if (ZSTD_isError(size) != 0 || size != claimed)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    throw new InvalidDataException($"zstd: {(ZSTD_isError(size) != 0 ? Name(size) : "size differs from the frame's")}");
                }
            }

            return new PooledBytes(buffer, (int)claimed);
        }
    }

    private static string Name(nuint code) => Marshal.PtrToStringAnsi(ZSTD_getErrorName(code)) ?? "unknown error";

    [LibraryImport(Library)]
    private static partial nint ZSTD_createCCtx();

    [LibraryImport(Library)]
    private static partial nuint ZSTD_freeCCtx(nint context);

    [LibraryImport(Library)]
    private static unsafe partial nuint ZSTD_compressCCtx(nint context, byte* target, nuint capacity, byte* source, nuint size, int level);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_compressBound(nuint size);

    [LibraryImport(Library)]
    private static unsafe partial nuint ZSTD_decompress(byte* target, nuint capacity, byte* source, nuint size);

    [LibraryImport(Library)]
    private static unsafe partial ulong ZSTD_getFrameContentSize(byte* source, nuint size);

    [LibraryImport(Library)]
    private static unsafe partial nuint ZSTD_findFrameCompressedSize(byte* source, nuint size);

    [LibraryImport(Library)]
    private static partial uint ZSTD_isError(nuint code);

    [LibraryImport(Library)]
    private static partial nint ZSTD_getErrorName(nuint code);

    private sealed class Context(nint handle)
    {
        public nint Handle => handle;

        ~Context() => _ = ZSTD_freeCCtx(handle);
    }
}

using System.Buffers.Binary;
using System.Numerics;
using Microsoft.Win32.SafeHandles;

namespace Tributary.Collector.Tailing;

/// <summary>
/// A hash over the last bytes before a position that was read up to: tells a file that was rewritten in place, however
/// long it is by now, from one that grew. Without a length it matches everything. Not made against forgery.
/// </summary>
/// <param name="End">The position.</param>
/// <param name="Length">How many bytes before it are covered.</param>
/// <param name="Hash">Over these bytes.</param>
internal readonly record struct TailMark(long End, int Length, ulong Hash)
{
    public const int LengthMax = 256;

    private const ulong Prime = 0x9E3779B97F4A7C15;

    /// <summary>Of the last bytes of <paramref name="read"/>, which ends at <paramref name="end"/>.</summary>
    public static TailMark Of(ReadOnlySpan<byte> read, long end)
    {
        var bytes = read.Length > LengthMax ? read[^LengthMax..] : read;
        return new TailMark(end, bytes.Length, HashOf(bytes));
    }

    /// <summary>Of what stands before <paramref name="end"/> in the file; shorter where the file is.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TailMark At(SafeFileHandle file, long end)
    {
        Span<byte> bytes = stackalloc byte[(int)Math.Min(LengthMax, end)];
        return ReadFully(file, bytes, end - bytes.Length) == bytes.Length ? Of(bytes, end) : default;
    }

    /// <summary>Whether these are the bytes that it was taken of.</summary>
    public bool IsOf(ReadOnlySpan<byte> bytes) => bytes.Length == Length && HashOf(bytes) == Hash;

    /// <summary>Whether the file still has these bytes before <see cref="End"/>.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool Matches(SafeFileHandle file)
    {
        if (Length is <= 0 or > LengthMax || End < Length)
        {
            return Length == 0;
        }

        Span<byte> bytes = stackalloc byte[Length];
        return ReadFully(file, bytes, End - Length) == Length && IsOf(bytes);
    }

    private static int ReadFully(SafeFileHandle file, Span<byte> bytes, long offset)
    {
        var read = 0;
        while (read < bytes.Length)
        {
            var more = RandomAccess.Read(file, bytes[read..], offset + read);
            if (more == 0)
            {
                break;
            }

            read += more;
        }

        return read;
    }

    private static ulong HashOf(ReadOnlySpan<byte> bytes)
    {
        var hash = (ulong)bytes.Length * Prime;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            hash = BitOperations.RotateLeft((hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * Prime, 29);
        }

        foreach (var b in bytes)
        {
            hash = BitOperations.RotateLeft((hash ^ b) * Prime, 29);
        }

        return (hash ^ (hash >> 32)) * Prime;
    }
}

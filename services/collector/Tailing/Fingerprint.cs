using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Tributary.Collector.Tailing;

/// <summary>
/// A hash over a file's first bytes: tells a file from another that got the same inode. Grows with a small file, up to
/// <see cref="LengthMax"/>; an empty one matches everything.
/// </summary>
internal readonly record struct Fingerprint(int Length, ulong Hash)
{
    public const int LengthMax = 1024;

    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Fingerprint Of(SafeFileHandle file, int length = LengthMax)
    {
        Span<byte> bytes = stackalloc byte[LengthMax];
        bytes = bytes[..Math.Min(length, LengthMax)];
        var read = 0;
        while (read < bytes.Length)
        {
            var more = RandomAccess.Read(file, bytes[read..], read);
            if (more == 0)
            {
                break;
            }

            read += more;
        }

        return Of(bytes[..read]);
    }

    /// <summary>Of a file's first bytes.</summary>
    public static Fingerprint Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return new Fingerprint(bytes.Length, BinaryPrimitives.ReadUInt64BigEndian(hash));
    }

    /// <summary>Whether the file begins with the bytes that this was taken of.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool Matches(SafeFileHandle file) => Length == 0 || Of(file, Length) == this;
}

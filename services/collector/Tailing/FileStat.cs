using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tributary.Collector.Tailing;

/// <summary>What the kernel says of a file: <c>statx(2)</c>, as .NET shows neither device nor inode.</summary>
/// <param name="Key">Device and inode.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Kind">What it is.</param>
/// <param name="ChangedAt">When content or attributes last changed, Unix nanoseconds.</param>
/// <param name="ModifiedAt">When content last changed, Unix nanoseconds; programs may set it.</param>
/// <param name="BornAt">When it was made, Unix nanoseconds; 0 where the file system does not know.</param>
/// <param name="Links">Its names; 0 once it is deleted.</param>
/// <param name="Allocated">Bytes that it takes on the disk.</param>
internal readonly partial record struct FileStat(
    FileKey Key, long Size, FileKind Kind, long ChangedAt = 0, long ModifiedAt = 0, long BornAt = 0, uint Links = 1, long Allocated = 0)
{
    private const int AtFdCwd = -100;
    private const int AtEmptyPath = 0x1000;
    private const uint StatxBasicStats = 0x7ff;
    private const uint StatxBirthTime = 0x800;
    private const int BlockBytes = 512;
    private const int Enoent = 2;
    private const int Enotdir = 20;
    private const int Eperm = 1;
    private const int Eacces = 13;

    /// <summary>Follows symlinks. Null when there is nothing at the path.</summary>
    /// <exception cref="IOException">The path cannot be looked at.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder above it may not be searched.</exception>
    public static FileStat? OfPath(string path) => Call(AtFdCwd, path, 0, path);

    /// <summary>The open file, whatever its name is by now.</summary>
    /// <exception cref="IOException">The file system does not answer.</exception>
    public static FileStat OfHandle(SafeFileHandle handle) =>
        Call((int)handle.DangerousGetHandle(), "", AtEmptyPath, "open file") ?? throw new IOException("statx of an open file says that it does not exist.");

    private static FileStat? Call(int directory, string path, int flags, string what)
    {
        if (statx(directory, path, flags, StatxBasicStats | StatxBirthTime, out var buffer) == 0)
        {
            return new FileStat(
                new FileKey((ulong)buffer.DeviceMajor << 32 | buffer.DeviceMinor, buffer.Inode),
                (long)buffer.Size,
                (buffer.Mode & 0xF000) switch { 0x8000 => FileKind.Regular, 0x4000 => FileKind.Directory, _ => FileKind.Other },
                buffer.Changed.Nanos,
                buffer.Modified.Nanos,
                (buffer.Mask & StatxBirthTime) != 0 ? buffer.Born.Nanos : 0,
                buffer.Links,
                (long)buffer.Blocks * BlockBytes);
        }

        var error = Marshal.GetLastPInvokeError();
        return error switch
        {
            Enoent or Enotdir => null,
            Eperm or Eacces => throw new UnauthorizedAccessException($"{what}: {Marshal.GetPInvokeErrorMessage(error)}"),
            _ => throw new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)}"),
        };
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, out StatxBuffer buffer);

    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct StatxBuffer
    {
        public uint Mask;
        public uint BlockSize;
        public ulong Attributes;
        public uint Links;
        public uint User;
        public uint Group;
        public ushort Mode;
        public ushort Spare;
        public ulong Inode;
        public ulong Size;
        public ulong Blocks;
        public ulong AttributesMask;
        private Timestamp _accessed;
        public Timestamp Born;
        public Timestamp Changed;
        public Timestamp Modified;
        public uint RdevMajor;
        public uint RdevMinor;
        public uint DeviceMajor;
        public uint DeviceMinor;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Timestamp
    {
        public long Seconds;
        public uint Nanoseconds;
        public int Spare;

        public readonly long Nanos => unchecked((Seconds * 1_000_000_000) + Nanoseconds);
    }
}

/// <summary>Device and inode: one file, under whatever name, as long as it exists.</summary>
internal readonly record struct FileKey(ulong Device, ulong Inode);

internal enum FileKind
{
    Regular,
    Directory,
    Other,
}

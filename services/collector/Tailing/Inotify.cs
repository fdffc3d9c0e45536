using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Tributary.Collector.Tailing;

/// <summary>The calls of <c>inotify(7)</c> that a hint takes: .NET's own watcher gives no one-shot watches and no reason when it fails.</summary>
internal sealed partial class Inotify : IDisposable
{
    private const int NonBlockingCloseOnExec = 0x800 | 0x80000;
    private const uint Modified = 0x2;
    private const uint Overflow = 0x4000;
    private const uint OnlyFolders = 0x01000000;
    private const uint OneShot = 0x80000000;
    private const int HeaderLength = 16;
    private const short PollIn = 1;
    private const int Enoent = 2;

    private readonly SafeFileHandle _queue;
    private readonly SafeFileHandle _end;
    private readonly byte[] _buffer = new byte[64 * 1024];

    private Inotify(SafeFileHandle queue, SafeFileHandle end) => (_queue, _end) = (queue, end);

    /// <summary>Null when the kernel gives this user no more instances; <paramref name="error"/> says so.</summary>
    public static Inotify? Open(out string error)
    {
        var queue = inotify_init1(NonBlockingCloseOnExec);
        error = queue < 0 ? Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()) : "";
        return queue < 0 ? null : new Inotify(new SafeFileHandle(queue, ownsHandle: true), new SafeFileHandle(eventfd(0, NonBlockingCloseOnExec), ownsHandle: true));
    }

    /// <summary>Watches a folder until a file in it is written, once. The watch's number; negative when the folder is gone (-2) or the kernel refuses (-1).</summary>
    public int Watch(string folder, out string error)
    {
        var watch = inotify_add_watch(_queue, folder, Modified | OnlyFolders | OneShot);
        var number = Marshal.GetLastPInvokeError();
        error = watch < 0 ? Marshal.GetPInvokeErrorMessage(number) : "";
        return watch >= 0 ? watch : number == Enoent ? -2 : -1;
    }

    /// <summary>Waits for events at most so long, and hands each to <paramref name="take"/>.</summary>
    public void Read(TimeSpan timeout, Action<InotifyEvent> take)
    {
        PollFd[] waiting =
        [
            new() { Descriptor = (int)_queue.DangerousGetHandle(), Events = PollIn },
            new() { Descriptor = (int)_end.DangerousGetHandle(), Events = PollIn },
        ];
        if (poll(waiting, (nuint)waiting.Length, (int)timeout.TotalMilliseconds) <= 0)
        {
            return;
        }

        var length = (int)read(_queue, _buffer, (nuint)_buffer.Length);
        for (var at = 0; at + HeaderLength <= length;)
        {
            var mask = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(at + 4));
            var nameLength = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(at + 12));
            var name = _buffer.AsSpan(at + HeaderLength, nameLength);
            var end = name.IndexOf((byte)0);
            take(new InotifyEvent(
                BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(at)),
                Encoding.UTF8.GetString(end < 0 ? name : name[..end]),
                (mask & Overflow) != 0));
            at += HeaderLength + nameLength;
        }
    }

    /// <summary>Ends the waiting, from another thread.</summary>
    public void End() => _ = write(_end, 1, sizeof(ulong));

    public void Dispose()
    {
        _queue.Dispose();
        _end.Dispose();
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int inotify_init1(int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int inotify_add_watch(SafeFileHandle queue, string path, uint mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll([In, Out] PollFd[] descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(SafeFileHandle file, in ulong count, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(SafeFileHandle file, byte[] buffer, nuint length);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }
}

/// <summary>A file in a watched folder was written.</summary>
/// <param name="Watch">The watch's number; -1 when the queue overflowed.</param>
/// <param name="Name">Of the entry; empty when it was the folder.</param>
/// <param name="Overflowed">Events were lost.</param>
internal readonly record struct InotifyEvent(int Watch, string Name, bool Overflowed);

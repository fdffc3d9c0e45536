using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tributary.Tests.Unit.Collector.Feeds;

/// <summary>Asks the kernel how much of a pipe is unread.</summary>
internal static partial class PipeState
{
    private const nuint FionRead = 0x541B;

    public static bool IsEmpty(SafeFileHandle pipe) => ioctl(pipe, FionRead, out var unread) == 0 && unread == 0;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(SafeFileHandle file, nuint request, out int value);
}

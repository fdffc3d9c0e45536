using System.Runtime.InteropServices;

namespace Tributary.Testing;

/// <summary>The few libc calls that .NET has no door to.</summary>
internal static partial class NativeCalls
{
    private const int MountDetach = 2;

    /// <summary>True when the signal was delivered; a negative pid means the process group.</summary>
    internal static bool Signal(int pid, UnixSignal signal) => Kill(pid, (int)signal) == 0;

    /// <summary>Takes a mount point away at once, and its file system when the last user has gone.</summary>
    internal static bool Unmount(string path) => Umount2(path, MountDetach) == 0;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Umount2(string path, int flags);
}

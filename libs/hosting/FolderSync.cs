using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Tributary.Hosting;

/// <summary>Puts a folder's entries on the disk: the sync of a new or renamed file keeps its content, and only its folder's sync keeps its name.</summary>
public static partial class FolderSync
{
    /// <summary>Returns when the entries of the folder are on the disk.</summary>
    /// <exception cref="IOException">The folder does not exist or cannot be read, or the disk is broken.</exception>
    public static void Sync(string folder)
    {
        var descriptor = Open(folder, 0);
        if (descriptor < 0)
        {
            throw Failed(folder);
        }

        try
        {
            if (Fsync(descriptor) != 0)
            {
                throw Failed(folder);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Makes a folder, and those above it, where they are missing; returns when the names of those made are on the disk.</summary>
    /// <exception cref="IOException">It cannot be made or synced.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void Make(string folder)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Directory.Exists(path))
        {
            return;
        }

        if (Path.GetDirectoryName(path) is { } above)
        {
            Make(above);
            Directory.CreateDirectory(path);
            Sync(above);
        }
    }

    private static IOException Failed(string folder) =>
        new($"The folder {folder} could not be synced: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}

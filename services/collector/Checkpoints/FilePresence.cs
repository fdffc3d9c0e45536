using System.IO.Compression;
using System.Security.Cryptography;
using System.Buffers.Binary;
using Tributary.Collector.Tailing;

namespace Tributary.Collector.Checkpoints;

/// <summary>What a look says of a file that was read.</summary>
internal enum Presence
{
    /// <summary>There, under its name, another one in its folder, or as a copy.</summary>
    Present,

    /// <summary>For sure not there: its folder and its file system were seen without it.</summary>
    Gone,

    /// <summary>It could not be looked at, or its file system is not mounted: nothing may be concluded.</summary>
    Unknown,
}

/// <summary>
/// Looks for files that were read, at their path, under other names in their folder (and that of what the path links
/// to), and as a copy, compressed or not, that is named after it. Keeps the listing of one folder, so ask in the order of folders. Not the tail loop's: it may wait
/// for a file system.
/// </summary>
internal sealed class FilePresence
{
    private string? _folder;
    private Dictionary<FileKey, string>? _listed;

    /// <summary>The first bytes of the folder's files, decompressed, by path.</summary>
    private readonly Dictionary<string, byte[]> _beginnings = new(StringComparer.Ordinal);

    public Presence Of(Checkpoint checkpoint)
    {
        try
        {
            return Look(checkpoint, fresh: false) || Look(checkpoint, fresh: true) ? Presence.Present
                : IsMounted(checkpoint) ? Presence.Gone
                : Presence.Unknown;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Presence.Unknown;
        }
    }

    /// <summary>Whether a copy of a file is there of which another took the place; true also where that cannot be told.</summary>
    public bool MayHaveCopy(Checkpoint checkpoint)
    {
        try
        {
            return FoldersOf(checkpoint).Any(f => HasCopy(f, checkpoint));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <param name="checkpoint">The file.</param>
    /// <param name="fresh">Lists the folder again: a file that was renamed during a listing may be missing from it.</param>
    private bool Look(Checkpoint checkpoint, bool fresh)
    {
        if (FileStat.OfPath(checkpoint.Path)?.Key == checkpoint.Key.File)
        {
            return IsSame(checkpoint, checkpoint.Path);
        }

        foreach (var folder in FoldersOf(checkpoint))
        {
            if (fresh || folder != _folder)
            {
                _folder = null;
                _beginnings.Clear();
                _listed = ListKeys(folder);
                _folder = folder;
            }

            if ((_listed!.TryGetValue(checkpoint.Key.File, out var path) && IsSame(checkpoint, path)) || HasCopy(folder, checkpoint))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether it is that file, and not another that got the inode; looked at where it matters.</summary>
    private static bool IsSame(Checkpoint checkpoint, string path)
    {
        if (checkpoint.Size <= checkpoint.Offset || checkpoint.Compressed)
        {
            return true;
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return new Fingerprint(checkpoint.FingerprintLength, checkpoint.FingerprintHash).Matches(file);
    }

    /// <summary>Whether a file that is named after it, compressed or not, begins with its first bytes.</summary>
    private bool HasCopy(string folder, Checkpoint checkpoint)
    {
        if (checkpoint.FingerprintLength == 0 || !Directory.Exists(folder))
        {
            return false;
        }

        var name = Path.GetFileName(checkpoint.RealPath ?? checkpoint.Path);
        foreach (var path in Directory.EnumerateFiles(folder).Where(f => Path.GetFileName(f).StartsWith(name, StringComparison.Ordinal)))
        {
            if (!_beginnings.TryGetValue(path, out var beginning))
            {
                _beginnings[path] = beginning = Beginning(path);
            }

            if (beginning.Length >= checkpoint.FingerprintLength
                && BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(beginning.AsSpan(0, checkpoint.FingerprintLength))) == checkpoint.FingerprintHash)
            {
                return true;
            }
        }

        return false;
    }

    private static byte[] Beginning(string path)
    {
        var bytes = new byte[Fingerprint.LengthMax];
        try
        {
            using var file = File.Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using Stream content = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
            return bytes[..content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is InvalidDataException or FileNotFoundException)
        {
            // No gzip file, or gone meanwhile: it is not the one.
            return [];
        }
    }

    /// <summary>
    /// Whether the file system that the file was on is the one there now: the nearest folder above that exists is on the
    /// same device. An empty mount point is not.
    /// </summary>
    private static bool IsMounted(Checkpoint checkpoint)
    {
        for (var folder = Path.GetDirectoryName(checkpoint.RealPath ?? checkpoint.Path); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (FileStat.OfPath(folder) is { } stat)
            {
                // What another file took the inode of is kept under no device.
                return checkpoint.Device == ulong.MaxValue || stat.Key.Device == checkpoint.Device;
            }
        }

        return false;
    }

    /// <summary>Where the files of a path lie: beside it, where it led to, and beside what it links to now.</summary>
    private static IEnumerable<string> FoldersOf(Checkpoint checkpoint)
    {
        yield return Path.GetDirectoryName(checkpoint.Path) ?? "/";
        if (checkpoint.RealPath is { } real)
        {
            yield return Path.GetDirectoryName(real) ?? "/";
        }

        string? target;
        try
        {
            target = File.ResolveLinkTarget(checkpoint.Path, returnFinalTarget: true)?.FullName;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            yield break;
        }

        if (target is not null && target != checkpoint.RealPath)
        {
            yield return Path.GetDirectoryName(target) ?? "/";
        }
    }

    private static Dictionary<FileKey, string> ListKeys(string folder)
    {
        var keys = new Dictionary<FileKey, string>();
        foreach (var path in Directory.Exists(folder) ? Directory.EnumerateFiles(folder) : [])
        {
            if (StatOf(path) is { } stat)
            {
                keys[stat.Key] = path;
            }
        }

        return keys;
    }

    /// <summary>Null for what cannot be looked at, such as a link in a circle: it is no file that was read.</summary>
    private static FileStat? StatOf(string path)
    {
        try
        {
            return FileStat.OfPath(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

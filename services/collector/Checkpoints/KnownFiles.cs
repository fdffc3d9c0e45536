using Microsoft.Win32.SafeHandles;
using Tributary.Collector.Tailing;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// The checkpoints of files that are not open now, found by identity: device and inode with the fingerprint, or, where
/// the device number changed with a reboot, path and inode with the fingerprint. Touched by the tail loop alone.
/// </summary>
internal sealed class KnownFiles
{
    private readonly Dictionary<FileForTarget, Checkpoint> _byKey = [];

    public KnownFiles(IEnumerable<Checkpoint> loaded)
    {
        foreach (var checkpoint in loaded)
        {
            Keep(checkpoint);
        }
    }

    public IReadOnlyCollection<Checkpoint> All => _byKey.Values;

    /// <summary>Keeps the checkpoint of a file that was closed.</summary>
    public void Keep(Checkpoint checkpoint) => _byKey[checkpoint.Key] = checkpoint;

    public void Forget(FileForTarget key) => _byKey.Remove(key);

    /// <summary>Takes out the file's checkpoint; null when the file is not one that was read before.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Checkpoint? Take(FileStat stat, SourceSpec source, SafeFileHandle file)
    {
        if (!_byKey.TryGetValue(new FileForTarget(stat.Key, source.Target), out var found))
        {
            found = _byKey.Values.FirstOrDefault(c =>
                c.Inode == stat.Key.Inode && c.Path == source.Path && c.Target == source.Target && c.FingerprintLength > 0);
        }

        if (found is null)
        {
            return null;
        }

        // The checkpoint stays where the file cannot be read now.
        var same = IsSame(found, stat, file);
        _byKey.Remove(found.Key);
        return same ? found : null;
    }

    /// <summary>Whether a file with this identity was read to its size already.</summary>
    public bool IsFinished(FileStat stat, string target) =>
        _byKey.TryGetValue(new FileForTarget(stat.Key, target), out var found) && found.Offset == stat.Size;

    public bool Contains(FileKey file, string target) => _byKey.ContainsKey(new FileForTarget(file, target));

    /// <summary>Whether the file is one that was read before, by its content too.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool Recognizes(FileStat stat, string target, SafeFileHandle file) =>
        _byKey.TryGetValue(new FileForTarget(stat.Key, target), out var found) && found.FingerprintLength > 0 && IsSame(found, stat, file);

    /// <summary>The files that were read at this path for the target.</summary>
    public HashSet<FileKey> KeysOf(string path, string target) =>
        [.. _byKey.Values.Where(c => c.Path == path && c.Target == target).Select(c => c.Key.File)];

    /// <summary>The source id that the file has for another target, unless it is <paramref name="voidId"/>; null when it has none.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public string? SourceIdOf(FileStat stat, SafeFileHandle file, string? voidId) =>
        _byKey.Values.FirstOrDefault(c => c.Key.File == stat.Key && c.SourceId != voidId && IsSame(c, stat, file))?.SourceId;

    /// <summary>
    /// Notes which of these files still exist, under whatever name in their folder (or that of what their path links to), and forgets those that have not
    /// for <paramref name="age"/>. A folder that cannot be listed changes nothing.
    /// </summary>
    public void Sweep(long nowUnixSeconds, TimeSpan age)
    {
        var listed = new Dictionary<string, HashSet<FileKey>?>(StringComparer.Ordinal);
        foreach (var path in _byKey.Values.GroupBy(c => c.Path).ToArray())
        {
            var present = FoldersOf(path.Key).Select(f => listed.TryGetValue(f, out var keys) ? keys : listed[f] = ListKeys(f)).ToArray();
            if (present.Contains(null))
            {
                continue;
            }

            foreach (var checkpoint in path)
            {
                if (present.Any(p => p!.Contains(checkpoint.Key.File)))
                {
                    _byKey[checkpoint.Key] = checkpoint with { LastSeen = nowUnixSeconds };
                }
                else if (nowUnixSeconds - checkpoint.LastSeen > age.TotalSeconds)
                {
                    _byKey.Remove(checkpoint.Key);
                }
            }
        }
    }

    /// <summary>Whether the file is still the one that was read, not another with its inode, and did not shrink.</summary>
    private static bool IsSame(Checkpoint checkpoint, FileStat stat, SafeFileHandle file) =>
        stat.Size >= checkpoint.Offset
        && new Fingerprint(checkpoint.FingerprintLength, checkpoint.FingerprintHash).Matches(file);

    /// <summary>Where the files of a path lie: beside it, and beside what it links to.</summary>
    private static IEnumerable<string> FoldersOf(string path)
    {
        yield return Path.GetDirectoryName(path) ?? "/";
        if (LinkTarget(path) is { } target)
        {
            yield return Path.GetDirectoryName(target) ?? "/";
        }
    }

    private static string? LinkTarget(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing there any more.
            return null;
        }
    }

    private static HashSet<FileKey>? ListKeys(string folder)
    {
        try
        {
            return Directory.Exists(folder)
                ? [.. Directory.EnumerateFiles(folder).Select(StatOf).OfType<FileStat>().Select(s => s.Key)]
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
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

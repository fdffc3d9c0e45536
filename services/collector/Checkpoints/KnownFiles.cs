using Microsoft.Win32.SafeHandles;
using Tributary.Collector.Tailing;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// The checkpoints of files that are not open now, found by identity: device and inode with the fingerprint, or, where
/// the device number changed with a reboot, path and inode with the fingerprint. A declaration that is new for a target
/// goes on where another one of that target was. Touched by the tail loop alone.
/// </summary>
internal sealed class KnownFiles
{
    private readonly Dictionary<CheckpointKey, Checkpoint> _byKey = [];
    private readonly Dictionary<ulong, List<CheckpointKey>> _byInode = [];
    private readonly Dictionary<string, List<CheckpointKey>> _byPath = new(StringComparer.Ordinal);

    // What a declaration was taken over from, while the file is open: the other one may still be declared too.
    private readonly Dictionary<CheckpointKey, Checkpoint> _lent = [];

    public KnownFiles(IEnumerable<Checkpoint> loaded)
    {
        foreach (var checkpoint in loaded)
        {
            Keep(checkpoint);
        }
    }

    public IReadOnlyCollection<Checkpoint> All => _byKey.Values;

    /// <summary>Keeps the checkpoint of a file that was closed.</summary>
    public void Keep(Checkpoint checkpoint)
    {
        Forget(checkpoint.Key);
        foreach (var lent in _lent.Keys.Where(k => k.File == checkpoint.Key.File && k.Target == checkpoint.Target).ToArray())
        {
            _lent.Remove(lent);
        }

        _byKey[checkpoint.Key] = checkpoint;
        Index(_byInode, checkpoint.Inode, checkpoint.Key);
        Index(_byPath, checkpoint.Path, checkpoint.Key);
    }

    public void Forget(CheckpointKey key)
    {
        if (_byKey.Remove(key, out var checkpoint))
        {
            Unindex(_byInode, checkpoint.Inode, key);
            Unindex(_byPath, checkpoint.Path, key);
        }
    }

    /// <summary>Forgets the file for a target, whatever declared it.</summary>
    public void ForgetAll(FileKey file, string target)
    {
        foreach (var checkpoint in Of(file, target).ToArray())
        {
            Forget(checkpoint.Key);
        }
    }

    /// <summary>Takes out the file's checkpoint; null when the file is not one that was read before.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Checkpoint? Take(FileStat stat, SourceSpec source, SafeFileHandle file)
    {
        var key = source.CheckpointKeyOf(stat.Key);
        var found = OfInode(stat.Key.Inode)
            .Where(c => c.Target == source.Target && (c.Device == stat.Key.Device || (c.Path == source.Path && c.FingerprintLength > 0)))
            .OrderBy(c => c.Declaration == source.Declaration ? 0 : 1)
            .ThenBy(c => c.Device == stat.Key.Device ? 0 : 1)
            .FirstOrDefault();
        if (found?.Declaration != source.Declaration && _lent.Remove(key, out var lent))
        {
            return IsSame(lent, stat, file) ? lent : null;
        }

        if (found is null)
        {
            return null;
        }

        // The checkpoint stays where the file cannot be read now.
        var same = IsSame(found, stat, file);
        Forget(found.Key);
        if (same && found.Declaration != source.Declaration)
        {
            _lent[found.Key] = found;
        }

        return same ? found : null;
    }

    /// <summary>Takes out the checkpoint of a feed; null when it is not known.</summary>
    public Checkpoint? TakeFeed(string key, string target)
    {
        var found = _byKey.Values.FirstOrDefault(c => c.Cursor is not null && c.Path == key && c.Target == target);
        if (found is not null)
        {
            Forget(found.Key);
        }

        return found;
    }

    /// <summary>Whether a file with this identity was read to its size already for the source's target.</summary>
    public bool IsFinished(FileStat stat, SourceSpec source) =>
        (_byKey.TryGetValue(source.CheckpointKeyOf(stat.Key), out var own) ? own : Of(stat.Key, source.Target).FirstOrDefault())?.Offset == stat.Size;

    /// <summary>Whether the file was read for the target, whatever declared it.</summary>
    public bool Contains(FileKey file, string target) => Of(file, target).Any();

    public bool ContainsExactly(CheckpointKey key) => _byKey.ContainsKey(key);

    /// <summary>Whether the file is one that was read before for the source's target, by its content too.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool Recognizes(FileStat stat, SourceSpec source, SafeFileHandle file) =>
        Of(stat.Key, source.Target).Any(c => c.FingerprintLength > 0 && IsSame(c, stat, file));

    /// <summary>The files that were read at this path for the target.</summary>
    public HashSet<FileKey> KeysOf(string path, string target) =>
        _byPath.TryGetValue(path, out var keys) ? [.. keys.Where(k => k.Target == target).Select(k => k.File)] : [];

    /// <summary>The source ids that the file has for the target.</summary>
    public IEnumerable<string> SourceIdsOf(FileKey file, string target) => Of(file, target).Select(c => c.SourceId);

    /// <summary>A source id that the file has for another target, unless it is among <paramref name="taken"/>; null when it has none.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public string? SourceIdOf(FileStat stat, SafeFileHandle file, IReadOnlySet<string?> taken) =>
        OfInode(stat.Key.Inode).FirstOrDefault(c => c.Device == stat.Key.Device && !taken.Contains(c.SourceId) && IsSame(c, stat, file))?.SourceId;

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
                    Forget(checkpoint.Key);
                }
            }
        }
    }

    /// <summary>Whether the file is still the one that was read, not another with its inode, and did not shrink.</summary>
    private static bool IsSame(Checkpoint checkpoint, FileStat stat, SafeFileHandle file) =>
        !checkpoint.Compressed
        && stat.Size >= Math.Max(checkpoint.Offset, checkpoint.Tail.End)
        && checkpoint.Tail.Matches(file)
        && new Fingerprint(checkpoint.FingerprintLength, checkpoint.FingerprintHash).Matches(file);

    private IEnumerable<Checkpoint> OfInode(ulong inode) =>
        _byInode.TryGetValue(inode, out var keys) ? keys.Select(k => _byKey[k]) : [];

    private IEnumerable<Checkpoint> Of(FileKey file, string target) =>
        OfInode(file.Inode).Where(c => c.Device == file.Device && c.Target == target);

    private static void Index<T>(Dictionary<T, List<CheckpointKey>> index, T value, CheckpointKey key)
        where T : notnull
    {
        if (!index.TryGetValue(value, out var keys))
        {
            index[value] = keys = new List<CheckpointKey>(1);
        }

        keys.Add(key);
    }

    private static void Unindex<T>(Dictionary<T, List<CheckpointKey>> index, T value, CheckpointKey key)
        where T : notnull
    {
        if (index.TryGetValue(value, out var keys) && keys.Remove(key) && keys.Count == 0)
        {
            index.Remove(value);
        }
    }

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

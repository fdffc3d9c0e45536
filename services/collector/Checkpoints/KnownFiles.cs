using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tributary.Collector.Tailing;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// The checkpoints of files that are not open now, found by identity: device and inode with the fingerprint, or, where
/// the device number changed with a reboot, path and inode with the fingerprint. A declaration that is new for a target
/// goes on where another one of that target was. What changes is noted in its
/// <see cref="CheckpointHome"/>. Touched by the tail loop alone.
/// </summary>
internal sealed class KnownFiles
{
    /// <summary>No file has it.</summary>
    private const ulong LostDevice = ulong.MaxValue;

    private readonly Dictionary<ulong, KnownEntry> _byInode = [];
    private readonly Dictionary<int, KnownEntry> _byPath = [];

    // What a declaration was taken over from, while the file is open: the other one may still be declared too.
    private readonly Dictionary<CheckpointKey, Checkpoint> _lent = [];

    /// <summary>When the last run saw any of its files, Unix seconds; 0 when there was none.</summary>
    public long LastSeenAtStart { get; private set; }

    public int Count { get; private set; }

    /// <summary>Those whose file is another one by now, and that had unread bytes; each is to be taken once.</summary>
    public Queue<Checkpoint> Replaced { get; } = new();

    public IEnumerable<KnownEntry> Entries
    {
        get
        {
            foreach (var first in _byInode.Values)
            {
                for (var entry = first; entry is not null; entry = entry.NextOfInode)
                {
                    yield return entry;
                }
            }
        }
    }

    public IEnumerable<Checkpoint> All => Entries.Select(e => e.Decode());

    /// <summary>Takes in what was saved in a home.</summary>
    public void Add(CheckpointHome home, IEnumerable<Checkpoint> loaded)
    {
        foreach (var checkpoint in loaded)
        {
            Drop(checkpoint.Key);
            Add(home, checkpoint, CheckpointCodec.Encode(checkpoint));
            LastSeenAtStart = Math.Max(LastSeenAtStart, checkpoint.LastSeen);
        }
    }

    /// <summary>Takes out what is kept in a home; there it stays.</summary>
    public void RemoveAll(CheckpointHome home)
    {
        foreach (var entry in Entries.Where(e => e.Home == home).ToArray())
        {
            Drop(entry.Decode().Key);
        }
    }

    /// <summary>Keeps the checkpoint of a file that was closed, or what is newly known of one.</summary>
    public void Keep(Checkpoint checkpoint, CheckpointHome home)
    {
        Drop(checkpoint.Key);
        foreach (var lent in _lent.Keys.Where(k => k.File == checkpoint.Key.File && k.Target == checkpoint.Target).ToArray())
        {
            _lent.Remove(lent);
        }

        var encoded = CheckpointCodec.Encode(checkpoint);
        Add(home, checkpoint, encoded);
        home.Changes.Put(checkpoint.Key, encoded);
    }

    public void Forget(CheckpointKey key, CheckpointHome home)
    {
        Drop(key);
        home.Changes.Remove(key);
    }

    /// <summary>Forgets the file for a target, whatever declared it.</summary>
    public void ForgetAll(FileKey file, string target)
    {
        foreach (var checkpoint in Of(file, target).ToArray())
        {
            Disown(checkpoint);
        }
    }

    /// <summary>The file is another one by now; what was read of it may come to light as a copy.</summary>
    public void Disown(Checkpoint checkpoint)
    {
        var home = Find(checkpoint.Key)!.Home;
        Forget(checkpoint.Key, home);
        KeepLost(checkpoint, home);
    }

    /// <summary>The checkpoint is another file's from now on; on the disk with the next save.</summary>
    public void MoveTo(Checkpoint old, Checkpoint now, CheckpointHome home)
    {
        Forget(old.Key, Find(old.Key)?.Home ?? home);
        home.Changes.Put(now.Key, CheckpointCodec.Encode(now));
    }

    /// <summary>Takes out the file's checkpoint, which is kept in <paramref name="home"/> from now on; null when the file is not one that was read before.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Checkpoint? Take(FileStat stat, SourceSpec source, SafeFileHandle file, CheckpointHome home)
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
        var kept = Find(found.Key)!.Home;
        if (!IsSame(found, stat, file))
        {
            Forget(found.Key, kept);
            if (found.Size > found.Offset)
            {
                Replaced.Enqueue(found);
            }

            KeepLost(found with { Size = Math.Min(found.Size, found.Offset) }, kept);

            return null;
        }

        if (found.Declaration != source.Declaration)
        {
            _lent[found.Key] = found;
        }

        if (found.Key == key && kept == home)
        {
            // On the disk it stays: it is the open file's now.
            Drop(key);
        }
        else
        {
            Forget(found.Key, kept);
            home.Changes.Put(key, CheckpointCodec.Encode(found with { Device = stat.Key.Device, Declaration = source.Declaration }));
        }

        return found;
    }

    /// <summary>Takes out the newest checkpoint of a feed; null when it is not known.</summary>
    public Checkpoint? TakeFeed(string key, string target)
    {
        var found = OfPath(key).Where(c => c.Cursor is not null && c.Target == target).OrderByDescending(c => c.LastSeen).ThenByDescending(c => c.Offset).ToArray();
        if (found.Length == 0)
        {
            return null;
        }

        // On the disk it stays: it is the feed's now.
        Drop(found[0].Key);
        foreach (var older in found.Skip(1))
        {
            Forget(older.Key, Find(older.Key)!.Home);
        }

        return found[0];
    }

    /// <summary>Whether a file with this identity was read to its size already for the source's target.</summary>
    public bool IsFinished(FileStat stat, SourceSpec source)
    {
        var read = Known(stat.Key, source).ToArray();
        return (Array.Find(read, c => c.Declaration == source.Declaration) ?? read.FirstOrDefault()) is { Compressed: false } found && found.Offset == stat.Size;
    }

    /// <summary>Whether the file was read for the source's target: by its key, or under the path with another device number, which a reboot may change.</summary>
    public bool ContainsAt(FileKey file, SourceSpec source) => Known(file, source).Any();

    /// <summary>What was read under the source's path.</summary>
    public IEnumerable<Checkpoint> OfPath(SourceSpec source) =>
        OfPath(source.Path).Where(c => c.Target == source.Target && c.Declaration == source.Declaration && c.Cursor is null);

    /// <summary>What was read under the source's path of content that its file does not hold any more.</summary>
    public IEnumerable<Checkpoint> LostOf(SourceSpec source) => OfPath(source).Where(c => c.Device == LostDevice);

    /// <summary>The checkpoint of a compressed file; null when there is none.</summary>
    public Checkpoint? CompressedOf(FileKey file, SourceSpec source) =>
        Known(file, source).FirstOrDefault(c => c.Compressed && c.Declaration == source.Declaration);

    /// <summary>Whether the file was read for the target, whatever declared it.</summary>
    public bool Contains(FileKey file, string target) => Of(file, target).Any();

    public bool ContainsExactly(CheckpointKey key) => Find(key) is not null;

    /// <summary>Whether the file is one that was read before for the source's target, by its content too.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool Recognizes(FileStat stat, SourceSpec source, SafeFileHandle file) =>
        Known(stat.Key, source).Any(c => c.FingerprintLength > 0 && IsSame(c, stat, file));

    /// <summary>The files that were read at this path for the target.</summary>
    public HashSet<FileKey> KeysOf(string path, string target) =>
        [.. OfPath(path).Where(c => c.Target == target).Select(c => c.Key.File)];

    /// <summary>The source ids that the file has for the target.</summary>
    public IEnumerable<string> SourceIdsOf(FileKey file, string target) => Of(file, target).Select(c => c.SourceId);

    /// <summary>The checkpoints of the closed files that were read at the source's path.</summary>
    public IEnumerable<Checkpoint> Of(SourceSpec source) =>
        OfPath(source.Path).Where(c => c.Declaration == source.Declaration && c.Target == source.Target);

    /// <summary>Remembers that it was said that the file is drained; false when it is not closed, or went on since.</summary>
    public bool Drained(FileKey file, string target, string sourceId, long offset, Guid message)
    {
        var told = Of(file, target).FirstOrDefault(c => c.SourceId == sourceId && c.Offset == offset);
        if (told is not null)
        {
            Keep(told with { Drained = message }, Find(told.Key)!.Home);
        }

        return told is not null;
    }

    /// <summary>A source id that the file has for another target, unless it is among <paramref name="taken"/>; null when it has none.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public string? SourceIdOf(FileStat stat, SafeFileHandle file, IReadOnlySet<string?> taken) =>
        OfInode(stat.Key.Inode).FirstOrDefault(c => c.Device == stat.Key.Device && !taken.Contains(c.SourceId) && IsSame(c, stat, file))?.SourceId;

    /// <summary>Whether the file is still the one that was read, not another with its inode, and did not shrink.</summary>
    private static bool IsSame(Checkpoint checkpoint, FileStat stat, SafeFileHandle file) =>
        !checkpoint.Compressed
        && stat.Size >= Math.Max(checkpoint.Offset, checkpoint.Tail.End)
        && checkpoint.Tail.Matches(file)
        && new Fingerprint(checkpoint.FingerprintLength, checkpoint.FingerprintHash).Matches(file);

    /// <summary>Kept under a key that no file has, until it is forgotten like others that are gone.</summary>
    private void KeepLost(Checkpoint checkpoint, CheckpointHome home)
    {
        if (checkpoint.FingerprintLength > 0)
        {
            Keep(checkpoint with { Device = LostDevice, Inode = InodeOf(checkpoint.SourceId) }, home);
        }
    }

    private static ulong InodeOf(string sourceId) =>
        ulong.Parse(sourceId.AsSpan(0, Math.Min(16, sourceId.Length)), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private IEnumerable<Checkpoint> Known(FileKey file, SourceSpec source) =>
        OfInode(file.Inode).Where(c => c.Target == source.Target && (c.Device == file.Device || (c.Path == source.Path && c.Device != LostDevice)));

    private IEnumerable<Checkpoint> Of(FileKey file, string target) =>
        OfInode(file.Inode).Where(c => c.Device == file.Device && c.Target == target);

    /// <summary>Those with the inode, on whatever device; decoded at once, so that the caller may take them out.</summary>
    private List<Checkpoint> OfInode(ulong inode)
    {
        var found = new List<Checkpoint>();
        for (var entry = _byInode.GetValueOrDefault(inode); entry is not null; entry = entry.NextOfInode)
        {
            found.Add(entry.Decode());
        }

        return found;
    }

    private List<Checkpoint> OfPath(string path)
    {
        var found = new List<Checkpoint>();
        for (var entry = _byPath.GetValueOrDefault(path.GetHashCode(StringComparison.Ordinal)); entry is not null; entry = entry.NextOfPath)
        {
            found.Add(entry.Decode());
        }

        found.RemoveAll(c => c.Path != path);
        return found;
    }

    private KnownEntry? Find(CheckpointKey key)
    {
        var entry = _byInode.GetValueOrDefault(key.File.Inode);
        while (entry is not null && entry.Decode().Key != key)
        {
            entry = entry.NextOfInode;
        }

        return entry;
    }

    private void Add(CheckpointHome home, Checkpoint checkpoint, byte[] encoded)
    {
        var entry = new KnownEntry(home, encoded, checkpoint.Inode, checkpoint.Path.GetHashCode(StringComparison.Ordinal));
        entry.NextOfInode = _byInode.GetValueOrDefault(entry.Inode);
        _byInode[entry.Inode] = entry;
        entry.NextOfPath = _byPath.GetValueOrDefault(entry.PathHash);
        _byPath[entry.PathHash] = entry;
        Count++;
    }

    private void Drop(CheckpointKey key)
    {
        if (Find(key) is not { } entry)
        {
            return;
        }

        entry.IsRemoved = true;
        Count--;
        Unchain(_byInode, entry.Inode, entry, e => e.NextOfInode, (e, next) => e.NextOfInode = next);
        Unchain(_byPath, entry.PathHash, entry, e => e.NextOfPath, (e, next) => e.NextOfPath = next);
    }

    private static void Unchain<T>(
        Dictionary<T, KnownEntry> chains, T key, KnownEntry entry, Func<KnownEntry, KnownEntry?> next, Action<KnownEntry, KnownEntry?> link)
        where T : notnull
    {
        var first = chains[key];
        if (first == entry)
        {
            if (next(entry) is { } second)
            {
                chains[key] = second;
            }
            else
            {
                chains.Remove(key);
            }

            return;
        }

        var before = first;
        while (next(before) != entry)
        {
            before = next(before)!;
        }

        link(before, next(entry));
    }
}

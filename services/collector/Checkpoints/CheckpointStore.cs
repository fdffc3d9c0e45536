using System.Buffers;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Tributary.Hosting;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// A folder's checkpoints, held by one process at a time: a snapshot, and a journal to which each save appends what
/// changed, synced. A journal that outgrew its snapshot, or that was not whole, is followed by the next generation; the
/// one before is kept, so that with a damaged snapshot nothing is missing. A save that fails leaves the files as they
/// were: lines are repeated then, never lost.
/// </summary>
internal sealed partial class CheckpointStore : IDisposable
{
    /// <summary>What the system says of a lock that another has.</summary>
    public const int EWouldBlock = 11;

    /// <summary>A journal up to this length is never worth a snapshot.</summary>
    private const long JournalBytesMin = 4 << 20;

    /// <summary>Generations of one lease: those of the next are greater, whatever the holder before it still writes.</summary>
    private const long GenerationsPerEpoch = 1_000_000_000;

    private readonly string _folder;
    private readonly StoreRoot? _root;
    private readonly SafeFileHandle _lock;
    private readonly Lock _gate = new();
    private bool _closed;
    private long _generation;
    private long _snapshotGeneration;
    private long _snapshotLength;
    private long _journalLength;
    private bool _journalBroken;

    private CheckpointStore(string folder, StoreRoot? root, SafeFileHandle held)
    {
        _folder = folder;
        _root = root;
        _lock = held;
    }

    /// <summary>What was there at start, until it was taken.</summary>
    public IReadOnlyCollection<Checkpoint> Loaded { get; private set; } = [];

    /// <summary>How many were there at start.</summary>
    public int LoadedCount { get; private set; }

    /// <summary>Whether the next save has to be a snapshot.</summary>
    public bool WantsSnapshot => _journalBroken || _journalLength > Math.Max(JournalBytesMin, _snapshotLength);

    /// <summary>Takes the folder (made when missing) and reads what is whole in it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="logger">Is told of damage.</param>
    /// <param name="root">Of the disk, where the folder is a disk's own.</param>
    /// <param name="epoch">Of the lease under which a disk is held.</param>
    /// <exception cref="IOException">Another process holds the folder, or it cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission for the folder.</exception>
    public static CheckpointStore Open(string folder, ILogger logger, StoreRoot? root = null, long epoch = 0)
    {
        FolderSync.Make(folder);
        SafeFileHandle held;
        try
        {
            held = File.OpenHandle(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == EWouldBlock)
        {
            throw new IOException($"The state folder {Path.GetFullPath(folder)} is in use by another process; stop that one or name another folder. ({e.Message})", e);
        }

        var store = new CheckpointStore(folder, root, held);
        try
        {
            store.Load(logger, epoch * GenerationsPerEpoch);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Hands over what was there at start, and holds it no longer.</summary>
    public IReadOnlyCollection<Checkpoint> TakeLoaded()
    {
        var loaded = Loaded;
        Loaded = [];
        return loaded;
    }

    /// <summary>Appends what changed; when it returns, it is on the disk.</summary>
    /// <exception cref="IOException">The disk is full or fails; nothing that was there is harmed.</exception>
    public void Append(IReadOnlyDictionary<CheckpointKey, byte[]?> changes)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            AppendToJournal(changes);
        }
    }

    /// <summary>Begins the next generation with all checkpoints; when it returns, it is on the disk.</summary>
    /// <exception cref="IOException">The disk is full or fails; the generations on it are untouched.</exception>
    public void WriteSnapshot(IReadOnlyCollection<byte[]> all)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            BeginGeneration(all);
        }
    }

    /// <summary>Waits for a save that is under way; those after it fail.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _lock.Dispose();
        }
    }

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw new IOException("the checkpoints were closed");
        }
    }

    private void AppendToJournal(IReadOnlyDictionary<CheckpointKey, byte[]?> changes)
    {
        // What is new before what is no more: torn in between, one too many is known.
        var buffer = new ArrayBufferWriter<byte>(4096);
        foreach (var (_, checkpoint) in changes.Where(c => c.Value is not null))
        {
            JournalEntries.Append(buffer, EntryKind.Put, ToDisk(checkpoint!));
        }

        foreach (var (key, _) in changes.Where(c => c.Value is null))
        {
            JournalEntries.Append(buffer, EntryKind.Remove, CheckpointCodec.EncodeKey(_root?.ToDisk(key) ?? key));
        }

        try
        {
            using var file = File.OpenHandle(CheckpointFiles.Journal(_folder, _generation), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            try
            {
                RandomAccess.Write(file, buffer.WrittenSpan, _journalLength);
                RandomAccess.FlushToDisk(file);
                _journalLength += buffer.WrittenCount;
            }
            catch (IOException)
            {
                // The next save begins where this one did.
                RandomAccess.SetLength(file, _journalLength);
                throw;
            }
        }
        catch (Exception e) when (e is not IOException || e is FileNotFoundException || !CanBeContinued())
        {
            _journalBroken = true;
            throw;
        }
    }

    private void BeginGeneration(IReadOnlyCollection<byte[]> all)
    {
        var next = _generation + 1;
        var content = CheckpointFiles.EncodeSnapshot(next, _root is null ? all : [.. all.Select(ToDisk)]);
        var head = CheckpointFiles.Head("journal", next);
        var path = CheckpointFiles.Snapshot(_folder, next);
        WriteNew(path + ".tmp", content.Span);
        WriteNew(CheckpointFiles.Journal(_folder, next), head);
        File.Move(path + ".tmp", path, overwrite: true);
        FolderSync.Sync(_folder);
        var previous = _snapshotGeneration;
        _generation = _snapshotGeneration = next;
        _snapshotLength = content.Length;
        _journalLength = head.Length;
        _journalBroken = false;
        DeleteBefore(previous);
    }

    private byte[] ToDisk(byte[] checkpoint) =>
        _root is null ? checkpoint : CheckpointCodec.Encode(_root.ToDisk(CheckpointCodec.Decode(checkpoint)));

    private static void WriteNew(string path, ReadOnlySpan<byte> content)
    {
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        RandomAccess.Write(file, content, 0);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Whether the journal ends where the last good save did.</summary>
    private bool CanBeContinued()
    {
        try
        {
            return new FileInfo(CheckpointFiles.Journal(_folder, _generation)).Length == _journalLength;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void DeleteBefore(long previous)
    {
        try
        {
            foreach (var generation in CheckpointFiles.Generations(_folder).Where(g => g < previous))
            {
                File.Delete(CheckpointFiles.Snapshot(_folder, generation));
                File.Delete(CheckpointFiles.Journal(_folder, generation));
            }

            // Those of the first format: what they held is in the snapshot.
            File.Delete(Path.Combine(_folder, "checkpoints.0"));
            File.Delete(Path.Combine(_folder, "checkpoints.1"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // They are only too many, and go with the next generation.
        }
    }

    private void Load(ILogger logger, long leastGeneration)
    {
        var read = CheckpointReader.Read(_folder, _root);
        Loaded = read.Checkpoints;
        LoadedCount = Loaded.Count;
        _generation = read.Generation;
        _snapshotGeneration = read.SnapshotGeneration;
        _journalBroken = !read.IsClean;
        if (read.IsClean)
        {
            _snapshotLength = new FileInfo(CheckpointFiles.Snapshot(_folder, _generation)).Length;
            _journalLength = new FileInfo(CheckpointFiles.Journal(_folder, _generation)).Length;
        }

        if (_generation < leastGeneration)
        {
            _generation = leastGeneration;
            _journalBroken = true;
        }

        foreach (var (path, problem) in read.Problems)
        {
            LogDamaged(logger, path, problem, LoadedCount);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Checkpoint file {Path} is not used as a whole: {Problem}. Going on with {Count} checkpoints that are whole; some lines may be repeated.")]
    private static partial void LogDamaged(ILogger logger, string path, string problem, int count);
}

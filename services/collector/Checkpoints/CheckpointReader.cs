using System.Buffers.Binary;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// Reads a checkpoint folder and changes nothing, beside a running collector too. Begins with the newest snapshot that
/// is whole, and applies every whole entry after it: what is damaged is at most an older state of some files, so their
/// lines are repeated, never lost.
/// </summary>
internal sealed class CheckpointReader
{
    private readonly Dictionary<CheckpointKey, Checkpoint> _checkpoints = [];
    private readonly List<(string Path, string Problem)> _problems = [];
    private readonly StoreRoot? _root;
    private long _snapshotEntries;

    private CheckpointReader(StoreRoot? root) => _root = root;

    public IReadOnlyCollection<Checkpoint> Checkpoints => _checkpoints.Values;

    /// <summary>Files of which something was not used, and why.</summary>
    public IReadOnlyList<(string Path, string Problem)> Problems => _problems;

    /// <summary>The newest generation; 0 when there is none.</summary>
    public long Generation { get; private set; }

    /// <summary>Whether the newest journal can be continued at its end.</summary>
    public bool IsClean { get; private set; }

    /// <summary>The generation whose snapshot was whole; 0 when there is none.</summary>
    public long SnapshotGeneration { get; private set; }

    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission.</exception>
    public static CheckpointReader Read(string folder, StoreRoot? root = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var reader = new CheckpointReader(root);
                reader.ReadAll(folder);
                return reader;
            }
            catch (FileNotFoundException) when (attempt < 5)
            {
                // A running collector began its next generation meanwhile.
            }
        }
    }

    private void ReadAll(string folder)
    {
        var generations = CheckpointFiles.Generations(folder);
        var first = generations.Length;
        while (first > 0 && !TryReadSnapshot(folder, generations[first - 1]))
        {
            first--;
        }

        if (first == 0)
        {
            ReadFirstFormat(folder);
        }

        for (var i = Math.Max(first - 1, 0); i < generations.Length; i++)
        {
            if (i >= first && File.Exists(CheckpointFiles.Snapshot(folder, generations[i])))
            {
                // Damaged, but what is whole of it is newer than all before.
                Apply(CheckpointFiles.Snapshot(folder, generations[i]), report: false);
            }

            var journal = CheckpointFiles.Journal(folder, generations[i]);
            IsClean = File.Exists(journal) && Apply(journal, report: true);
        }

        Generation = generations.LastOrDefault();
        SnapshotGeneration = first > 0 ? generations[first - 1] : 0;
        IsClean &= first > 0 && first == generations.Length && _problems.Count == 0;
    }

    /// <summary>Takes a snapshot in when it is whole to its end.</summary>
    private bool TryReadSnapshot(string folder, long generation)
    {
        var path = CheckpointFiles.Snapshot(folder, generation);
        if (!File.Exists(path))
        {
            return false;
        }

        _checkpoints.Clear();
        if (Apply(path, report: true) && _snapshotEntries == _checkpoints.Count)
        {
            return true;
        }

        if (!_problems.Exists(p => p.Path == path))
        {
            _problems.Add((path, "it is torn: its end is missing"));
        }

        _checkpoints.Clear();
        return false;
    }

    /// <summary>Takes in every whole entry; false when there was damage.</summary>
    private bool Apply(string path, bool report)
    {
        var file = File.ReadAllBytes(path);
        _snapshotEntries = -1;
        int start;
        try
        {
            start = CheckpointFiles.EntriesStart(file);
        }
        catch (InvalidDataException e)
        {
            _problems.Add((path, e.Message));
            return false;
        }

        var damaged = start == 0 ? 1 : 0;
        var entries = new JournalEntries(file, start);
        while (entries.Next())
        {
            damaged += TryApply(entries.Kind, entries.Content) ? 0 : entries.Content.Length;
        }

        damaged += entries.DamagedBytes;
        if (damaged > 0 && report)
        {
            _problems.Add((path, $"it is torn or damaged ({damaged} of {file.Length} bytes)"));
        }

        return damaged == 0;
    }

    private bool TryApply(EntryKind kind, ReadOnlySpan<byte> content)
    {
        try
        {
            switch (kind)
            {
                case EntryKind.Put:
                    var saved = CheckpointCodec.Decode(content);
                    var checkpoint = _root?.FromDisk(saved) ?? saved;
                    _checkpoints[checkpoint.Key] = checkpoint;
                    return true;
                case EntryKind.Remove:
                    var key = CheckpointCodec.DecodeKey(content);
                    _checkpoints.Remove(_root?.FromDisk(key) ?? key);
                    return true;
                case EntryKind.End when content.Length == sizeof(long):
                    _snapshotEntries = BinaryPrimitives.ReadInt64LittleEndian(content);
                    return true;
                default:
                    return false;
            }
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>The format of the first version: two files that took turns.</summary>
    private void ReadFirstFormat(string folder)
    {
        var newest = 0L;
        foreach (var path in new[] { Path.Combine(folder, "checkpoints.0"), Path.Combine(folder, "checkpoints.1") }.Where(File.Exists))
        {
            try
            {
                var (generation, checkpoints) = CheckpointFile.Decode(File.ReadAllBytes(path));
                if (generation > newest)
                {
                    newest = generation;
                    _checkpoints.Clear();
                    foreach (var checkpoint in checkpoints)
                    {
                        _checkpoints[checkpoint.Key] = checkpoint;
                    }
                }
            }
            catch (InvalidDataException e)
            {
                _problems.Add((path, e.Message));
            }
        }
    }
}

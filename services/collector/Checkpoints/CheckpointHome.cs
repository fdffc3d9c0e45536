namespace Tributary.Collector.Checkpoints;

/// <summary>
/// Where the checkpoints of some files are kept, and what is not saved there yet: the node's state folder, or a data disk
/// that holds its own. Touched by the tail loop alone.
/// </summary>
internal sealed class CheckpointHome
{
    private readonly CheckpointStore? _store;
    private long _epoch;

    /// <summary>The node's own.</summary>
    public CheckpointHome(CheckpointStore? store)
    {
        _store = store;
        IsOpen = true;
    }

    /// <summary>A data disk's.</summary>
    public CheckpointHome(DataDisk disk) => Disk = disk;

    /// <summary>Of files of which nothing is remembered.</summary>
    public static CheckpointHome None { get; } = new((CheckpointStore?)null);

    /// <summary>Null for the node's own.</summary>
    public DataDisk? Disk { get; }

    /// <summary>Where it is saved; null while the disk is another node's, or not there.</summary>
    public CheckpointStore? Store => Disk is null ? _store : IsUsable ? Disk.Store : null;

    /// <summary>Whether the disk is there and ours, since it was opened without a break by another.</summary>
    public bool IsUsable => Disk is null || (IsOpen && Disk.IsHeld && Disk.Epoch == _epoch);

    /// <summary>What is not on the disk yet.</summary>
    public CheckpointChanges Changes { get; private set; } = new();

    /// <summary>Whether its files are read: its checkpoints are among the known ones.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Takes its checkpoints in.</summary>
    public void Open(KnownFiles known)
    {
        Changes = new CheckpointChanges();
        _epoch = Disk!.Epoch;
        IsOpen = true;
        known.Add(this, Disk.Store.TakeLoaded());
    }

    /// <summary>Drops all that is known of its files, saved or not: another node goes on from what is on the disk.</summary>
    public void Close(KnownFiles known)
    {
        IsOpen = false;
        known.RemoveAll(this);
        Changes = new CheckpointChanges();
    }
}

namespace Tributary.Collector.Checkpoints;

/// <summary>What is not on the disk yet: the newest state of each checkpoint that changed, encoded; null for one that is no more. The tail loop's.</summary>
internal sealed class CheckpointChanges
{
    private Dictionary<CheckpointKey, byte[]?> _changes = [];

    public bool IsEmpty => _changes.Count == 0;

    public void Put(CheckpointKey key, byte[] checkpoint) => _changes[key] = checkpoint;

    public void Remove(CheckpointKey key) => _changes[key] = null;

    /// <summary>Hands over what changed.</summary>
    public IReadOnlyDictionary<CheckpointKey, byte[]?> Take()
    {
        var taken = _changes;
        _changes = [];
        return taken;
    }

    /// <summary>Takes back what could not be saved, where it did not change again.</summary>
    public void Return(IReadOnlyDictionary<CheckpointKey, byte[]?> failed)
    {
        foreach (var (key, checkpoint) in failed)
        {
            _changes.TryAdd(key, checkpoint);
        }
    }
}

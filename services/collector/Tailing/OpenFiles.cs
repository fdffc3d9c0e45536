using Tributary.Collector.Checkpoints;

namespace Tributary.Collector.Tailing;

/// <summary>The files that are held open, by what their checkpoint is kept under, and by file: one may be open for several.</summary>
internal sealed class OpenFiles
{
    private readonly Dictionary<CheckpointKey, TailedFile> _byKey = [];
    private readonly Dictionary<FileKey, List<TailedFile>> _byFile = [];

    public int Count => _byKey.Count;

    public IReadOnlyCollection<TailedFile> All => _byKey.Values;

    public TailedFile? Find(CheckpointKey key) => _byKey.GetValueOrDefault(key);

    public IReadOnlyList<TailedFile> Of(FileKey file) => _byFile.TryGetValue(file, out var files) ? files : [];

    public void Add(TailedFile file)
    {
        if (Find(file.CheckpointKey) is { } other)
        {
            Remove(other);
        }

        _byKey[file.CheckpointKey] = file;
        if (!_byFile.TryGetValue(file.Key, out var files))
        {
            _byFile[file.Key] = files = new List<TailedFile>(1);
        }

        files.Add(file);
    }

    public void Remove(TailedFile file)
    {
        if (Find(file.CheckpointKey) != file)
        {
            return;
        }

        _byKey.Remove(file.CheckpointKey);
        if (_byFile.TryGetValue(file.Key, out var files) && files.Remove(file) && files.Count == 0)
        {
            _byFile.Remove(file.Key);
        }
    }
}

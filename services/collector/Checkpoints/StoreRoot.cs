using Tributary.Collector.Tailing;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// The root of a disk that holds its own checkpoints and may move between nodes: on the disk a path is relative to the
/// root, and a device number, which differs from node to node, is 0. Files of other disks mounted below are not its.
/// </summary>
internal sealed class StoreRoot
{
    /// <exception cref="IOException">There is no such folder, or it cannot be looked at.</exception>
    public StoreRoot(string path)
    {
        Path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        Device = FileStat.OfPath(Path) is { Kind: FileKind.Directory } stat
            ? stat.Key.Device
            : throw new DirectoryNotFoundException($"There is no folder {Path}.");
    }

    /// <summary>Absolute, without a slash at its end.</summary>
    public string Path { get; }

    /// <summary>As this node numbers it.</summary>
    public ulong Device { get; }

    public Checkpoint ToDisk(Checkpoint checkpoint) => checkpoint with
    {
        Path = System.IO.Path.GetRelativePath(Path, checkpoint.Path),
        Device = 0,
    };

    public Checkpoint FromDisk(Checkpoint checkpoint) => checkpoint with
    {
        Path = System.IO.Path.Combine(Path, checkpoint.Path),
        Device = Device,
    };

    public CheckpointKey ToDisk(CheckpointKey key) => key with { File = key.File with { Device = 0 } };

    public CheckpointKey FromDisk(CheckpointKey key) => key with { File = key.File with { Device = Device } };
}

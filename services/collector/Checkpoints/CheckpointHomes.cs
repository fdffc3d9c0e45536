using Microsoft.Win32.SafeHandles;
using Tributary.Collector.Tailing;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// The node's own home of checkpoints and those of data disks: a file below the root of a disk, and on that disk, is kept
/// there. Touched by the tail loop alone.
/// </summary>
internal sealed class CheckpointHomes(CheckpointHome node, IReadOnlyList<CheckpointHome> disks, CollectorMetrics metrics)
{
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(2);

    private readonly CheckpointHome[] _disks = [.. disks.OrderByDescending(d => d.Disk!.RootPath.Length)];
    private long _losses;

    public IReadOnlyList<CheckpointHome> All { get; } = [node, .. disks];

    public CheckpointHome Node => node;

    /// <summary>Disks that are not read now.</summary>
    public int Waiting => _disks.Count(d => !d.IsUsable);

    /// <summary>Where the checkpoint of an open file is kept; when that is not usable now, why.</summary>
    /// <exception cref="IOException">A disk's root cannot be looked at.</exception>
    public (CheckpointHome Home, string? Problem) Of(SafeFileHandle file, FileStat stat, string path)
    {
        if (_disks.Length == 0)
        {
            return (node, null);
        }

        // Whatever links the path leads through.
        var real = File.ResolveLinkTarget($"/proc/self/fd/{file.DangerousGetHandle()}", returnFinalTarget: false)?.FullName ?? path;
        foreach (var home in _disks)
        {
            var disk = home.Disk!;
            if (!IsBelow(real, disk.RootPath))
            {
                continue;
            }

            switch (disk.Has(stat.Key.Device))
            {
                case true when home.IsUsable:
                    return (home, null);
                case true:
                    return (home, $"the disk at {disk.RootPath} is not read now: {disk.Problem ?? "it was just opened"}");
                case null:
                    return (home, $"the disk at {disk.RootPath} is not read now: it was just mounted");
            }
        }

        return (node, null);
    }

    /// <summary>Opens disks that are ours by now.</summary>
    /// <returns>Those that are not any more.</returns>
    public IReadOnlyList<CheckpointHome> Tick(KnownFiles known)
    {
        List<CheckpointHome>? lost = null;
        foreach (var home in _disks)
        {
            home.Disk!.Tick();
            if (home.IsOpen && !home.IsUsable)
            {
                home.Close(known);
                (lost ??= []).Add(home);
            }
            else if (!home.IsOpen && home.Disk.IsHeld)
            {
                home.Open(known);
            }
        }

        var losses = _disks.Sum(d => (long)d.Disk!.Losses);
        if (losses > _losses)
        {
            metrics.DiskLost(losses - _losses);
            _losses = losses;
        }

        return lost ?? (IReadOnlyList<CheckpointHome>)[];
    }

    public async Task ReleaseAsync()
    {
        foreach (var home in _disks)
        {
            await home.Disk!.ReleaseAsync(ReleasePatience);
        }
    }

    private static bool IsBelow(string path, string root) =>
        root == "/" || (path.StartsWith(root, StringComparison.Ordinal) && path.Length > root.Length && path[root.Length] == '/');
}

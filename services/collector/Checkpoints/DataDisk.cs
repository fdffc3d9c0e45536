using Microsoft.Extensions.Logging;
using Tributary.Collector.Tailing;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// A disk that may move between nodes and holds its own checkpoints in <c>.tributary/</c> at its root. Looks beside the
/// tail loop whether it is there and whether its lease is ours, and opens its checkpoints then. A disk that is not there,
/// or another node's, is waited for.
/// </summary>
internal sealed partial class DataDisk(string root, string node, TimeSpan leaseTime, TimeProvider time, ILogger<DataDisk> logger) : IDisposable
{
    /// <summary>At a disk's root.</summary>
    public const string FolderName = ".tributary";

    private readonly string _path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
    private StoreRoot? _root;
    private DiskLease? _lease;
    private CheckpointStore? _store;
    private long _storeEpoch;
    private string? _problem = "it was not looked at yet";
    private Task? _look;
    private long? _lastLook;

    /// <summary>Raised on a pool thread when a look ended.</summary>
    public event Action? Progress;

    /// <summary>The root, absolute, without a slash at its end.</summary>
    public string RootPath => _path;

    /// <summary>Whether its files may be read and its checkpoints be written at this moment. From any thread.</summary>
    public bool IsHeld => Volatile.Read(ref _store) is not null && _lease is { IsHeld: true } lease && lease.Epoch == Epoch;

    /// <summary>Of the lease under which <see cref="Store"/> was opened.</summary>
    public long Epoch => Volatile.Read(ref _storeEpoch);

    /// <summary>Its checkpoints, of the epoch that is held.</summary>
    public CheckpointStore Store => _store ?? throw new InvalidOperationException("The disk is not held.");

    /// <summary>Why it is not read, as a sentence; null when it is.</summary>
    public string? Problem => IsHeld ? null : Volatile.Read(ref _problem) ?? _lease?.Problem ?? "its lease is being taken";

    /// <summary>Times that another node took over what was held here.</summary>
    public int Losses => _lease?.Losses ?? 0;

    /// <summary>Starts a look when one is due. The tail loop's.</summary>
    public void Tick()
    {
        if (_look is { IsCompleted: false } || (_lastLook is { } last && time.GetElapsedTime(last) < leaseTime / 6))
        {
            return;
        }

        _lastLook = time.GetTimestamp();
        _look = Task.Run(Look);
    }

    /// <summary>Whether files with this device number are on the disk; null while that is not known.</summary>
    /// <exception cref="IOException">The root cannot be looked at.</exception>
    public bool? Has(ulong device)
    {
        if (Volatile.Read(ref _root) is not { } known)
        {
            return null;
        }

        // Another device at the root itself: it was mounted since. Else what is mounted below is no part of it.
        return device == known.Device ? true : FileStat.OfPath(_path)?.Key.Device == known.Device ? false : null;
    }

    /// <summary>To be asked before a save.</summary>
    /// <exception cref="IOException">Another node took over, or the disk does not answer.</exception>
    public void Check()
    {
        if (_lease is not { } lease || !lease.IsStillOurs() || !IsHeld)
        {
            throw new IOException($"the disk at {_path} is not this node's any more.");
        }
    }

    /// <summary>Ends a look that is under way and gives the disk up, for the next node.</summary>
    public async Task ReleaseAsync(TimeSpan patience)
    {
        if (_look is not null)
        {
            await _look.WaitAsync(patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Dispose();
    }

    public void Dispose()
    {
        _store?.Dispose();
        _lease?.Dispose();
    }

    private void Look()
    {
        try
        {
            var there = new StoreRoot(_path);
            if (_root is { } known && known.Device != there.Device)
            {
                // Another disk was mounted there.
                Close();
                _lease?.Dispose();
                _lease = null;
            }

            Volatile.Write(ref _root, there);
            if (_lease is { IsHeld: false })
            {
                // It lapsed: another node may have saved since.
                Close();
            }

            var lease = _lease ??= new DiskLease(Path.Combine(_path, FolderName), node, leaseTime, time, logger);
            lease.Look();
            if (_store is not null && lease.Epoch != _storeEpoch)
            {
                Close();
            }

            if (_store is null && lease.IsHeld)
            {
                var epoch = lease.Epoch;
                var opened = CheckpointStore.Open(Path.Combine(_path, FolderName), logger, there, epoch);
                Volatile.Write(ref _storeEpoch, epoch);
                Volatile.Write(ref _store, opened);
            }

            Volatile.Write(ref _problem, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_problem != e.Message)
            {
                LogUnusable(logger, _path, e.Message);
            }

            Volatile.Write(ref _problem, e.Message);
        }
        finally
        {
            Progress?.Invoke();
        }
    }

    private void Close()
    {
        _store?.Dispose();
        Volatile.Write(ref _store, null);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The disk at {Root} cannot be used: {Error} It is tried again.")]
    private static partial void LogUnusable(ILogger logger, string root, string error);
}

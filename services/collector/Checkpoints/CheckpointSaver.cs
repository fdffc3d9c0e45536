using Microsoft.Extensions.Logging;
using Tributary.Collector.Batching;
using Tributary.Collector.Feeds;
using Tributary.Collector.Tailing;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// Saves what changed in one home in the background, one save at a time: soon after a confirm, at once when a new file's id must get
/// on the disk before anything of it is published. A failed save is counted and tried again; reading of new files
/// waits for it, the others go on and a crash repeats more of them. Touched by the tail loop alone, but for the write.
/// </summary>
internal sealed partial class CheckpointSaver(
    CheckpointHome home,
    KnownFiles known,
    FileAdmission admitted,
    FeedSet feeds,
    CollectorOptions options,
    CollectorMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>How old the saved size of a file may get that grows and is not confirmed.</summary>
    private readonly TimeSpan _sizeAge = options.CheckpointInterval * 20;

    private readonly HashSet<BatchSource> _moved = [];
    private readonly HashSet<TailedFile> _grown = [];
    private readonly HashSet<BatchSource> _waiting = [];
    private readonly HashSet<BatchSource> _saving = [];
    private IReadOnlyDictionary<CheckpointKey, byte[]?> _taken = new Dictionary<CheckpointKey, byte[]?>();
    private Task? _save;
    private long _lastSave = time.GetTimestamp();
    private long _lastSizes = time.GetTimestamp();
    private bool _failing;

    // On a slow disk a save is long, and then it is done less often.
    private TimeSpan _took;

    /// <summary>Raised on a pool thread when a save ended.</summary>
    public event Action? Progress;

    /// <summary>Whether everything that is known is on the disk.</summary>
    public bool IsClean => !home.IsUsable || (!IsDirty && _save is null && _waiting.Count == 0);

    private bool IsDirty => !home.Changes.IsEmpty || _moved.Count > 0;

    /// <summary>The file's marks moved: save within the interval.</summary>
    public void Moved(BatchSource source) => _moved.Add(source);

    /// <summary>The file's size changed: saved with the next save, or after some seconds, so that a loss has its range.</summary>
    public void Grew(TailedFile file)
    {
        if (file.Durable)
        {
            _grown.Add(file);
        }
    }

    /// <summary>The file's id must be on the disk before its first batch.</summary>
    public void Register(BatchSource file)
    {
        if (!file.Durable)
        {
            _waiting.Add(file);
            _moved.Add(file);
        }
    }

    /// <summary>Takes the result of a save that ended and starts the next when it is due.</summary>
    public void Tick()
    {
        if (_save is { IsCompleted: true })
        {
            Finish(_save);
        }

        if (_grown.Count > 0 && time.GetElapsedTime(_lastSizes) >= _sizeAge)
        {
            _moved.UnionWith(_grown);
        }

        var wait = _failing ? RetryAfter : _waiting.Count > 0 ? TimeSpan.Zero : Longer(options.CheckpointInterval, _took);
        if (_save is null && home.IsUsable && IsDirty && time.GetElapsedTime(_lastSave) >= wait)
        {
            Start();
        }
    }

    /// <summary>Forgets what it was to save: the home is another node's.</summary>
    public void Drop()
    {
        _moved.Clear();
        _grown.Clear();
        _waiting.Clear();
        _saving.Clear();
        _taken = new Dictionary<CheckpointKey, byte[]?>();
        _failing = false;
    }

    /// <summary>The last save, when the loop ends.</summary>
    public async Task FlushAsync()
    {
        if (_save is not null)
        {
            await _save.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Finish(_save);
        }

        if (home.IsUsable && (IsDirty || _grown.Count > 0))
        {
            Start();
        }

        if (_save is not null)
        {
            await _save.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Finish(_save);
        }
    }

    private void Start()
    {
        if (home.Store is not { } store)
        {
            return;
        }

        _lastSave = time.GetTimestamp();
        _saving.UnionWith(_waiting);
        _waiting.Clear();
        Collect();
        var taken = _taken = home.Changes.Take();
        var all = store.WantsSnapshot ? All() : null;
        _save = Task.Run(() =>
        {
            var started = time.GetTimestamp();
            home.Disk?.Check();
            if (all is not null)
            {
                store.WriteSnapshot(all);
            }
            else
            {
                store.Append(taken);
            }

            _took = time.GetElapsedTime(started);
        });

        // Not from within: the loop that is woken looks whether the save is completed.
        _ = _save.ContinueWith(_ => Progress?.Invoke(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>The open files' part of what changed.</summary>
    private void Collect()
    {
        _moved.UnionWith(_grown);
        _grown.Clear();
        _lastSizes = time.GetTimestamp();
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        foreach (var source in _moved.Where(IsToBeSaved))
        {
            var checkpoint = source.ToCheckpoint(now);
            home.Changes.Put(checkpoint.Key, CheckpointCodec.Encode(checkpoint));
        }

        _moved.Clear();
    }

    private List<byte[]> All()
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var open = admitted.All.Where(f => f.Home == home).Concat<BatchSource>(home.Disk is null ? feeds.All : []).Where(IsToBeSaved);
        return [.. known.Entries.Where(e => e.Home == home).Select(e => e.Encoded), .. open.Select(s => CheckpointCodec.Encode(s.ToCheckpoint(now)))];
    }

    /// <summary>Not before it was registered, and not a file that is closed by now.</summary>
    private bool IsToBeSaved(BatchSource source) =>
        (source.Durable || _saving.Contains(source)) && (source is not TailedFile file || admitted.IsOpen(file));

    private void Finish(Task save)
    {
        _save = null;
        if (save.IsCompletedSuccessfully)
        {
            foreach (var file in _saving)
            {
                file.Durable = true;
            }

            if (_failing)
            {
                LogSavesAgain(logger);
            }

            _failing = false;
        }
        else
        {
            metrics.CheckpointError();
            if (!_failing)
            {
                LogSaveFailed(logger, save.Exception!.InnerException!.Message);
            }

            _failing = true;
            if (!home.IsUsable)
            {
                _saving.Clear();
                return;
            }

            home.Changes.Return(_taken);
            _moved.UnionWith(_saving);
            _waiting.UnionWith(_saving);
        }

        _saving.Clear();
    }

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    [LoggerMessage(Level = LogLevel.Error, Message = "Checkpoints cannot be saved: {Error} New files wait; a crash now would repeat lines. Trying again every second.")]
    private static partial void LogSaveFailed(ILogger logger, string error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Checkpoints are saved again.")]
    private static partial void LogSavesAgain(ILogger logger);
}

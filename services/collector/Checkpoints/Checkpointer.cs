using Microsoft.Extensions.Logging;
using Tributary.Collector.Batching;
using Tributary.Collector.Feeds;
using Tributary.Collector.Tailing;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// Saves checkpoints in the background, one save at a time: soon after a confirm, at once when a new file's id must get
/// on the disk before anything of it is published. A failed save is counted and tried again; reading of new files
/// waits for it, the others go on and a crash repeats more of them. Touched by the tail loop alone, but for the write.
/// </summary>
internal sealed partial class Checkpointer(
    CheckpointStore store,
    FileOpener opener,
    FeedSet feeds,
    CollectorOptions options,
    CollectorMetrics metrics,
    TimeProvider time,
    ILogger<Checkpointer> logger)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly List<BatchSource> _waiting = [];
    private readonly List<BatchSource> _saving = [];
    private Task? _save;
    private long _lastSave = time.GetTimestamp();
    private bool _dirty;
    private bool _failing;

    // A save rewrites everything: many files make it long, and then it is done less often.
    private TimeSpan _took;

    /// <summary>Raised on a pool thread when a save ended.</summary>
    public event Action? Progress;

    /// <summary>Whether everything that is known is on the disk.</summary>
    public bool IsClean => !_dirty && _save is null && _waiting.Count == 0;

    /// <summary>Something moved: save within the interval.</summary>
    public void Touch() => _dirty = true;

    /// <summary>The file's id must be on the disk before its first batch.</summary>
    public void Register(BatchSource file)
    {
        if (!file.Durable)
        {
            _waiting.Add(file);
            _dirty = true;
        }
    }

    /// <summary>Takes the result of a save that ended and starts the next when it is due.</summary>
    public void Tick()
    {
        if (_save is { IsCompleted: true })
        {
            Finish(_save);
        }

        var wait = _failing ? RetryAfter : _waiting.Count > 0 ? TimeSpan.Zero : Longer(options.CheckpointInterval, _took * 10);
        if (_save is null && _dirty && time.GetElapsedTime(_lastSave) >= wait)
        {
            Start();
        }
    }

    /// <summary>The last save, when the loop ends.</summary>
    public async Task FlushAsync()
    {
        if (_save is not null)
        {
            await _save.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Finish(_save);
        }

        if (_dirty)
        {
            Start();
            await _save!.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Finish(_save!);
        }
    }

    private void Start()
    {
        _dirty = false;
        _lastSave = time.GetTimestamp();
        _saving.AddRange(_waiting);
        _waiting.Clear();
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var checkpoints = opener.Checkpoints(now);
        checkpoints.AddRange(feeds.All.Select(f => f.ToCheckpoint(now)));
        _save = Task.Run(() =>
        {
            try
            {
                var started = time.GetTimestamp();
                store.Save(checkpoints);
                _took = time.GetElapsedTime(started);
            }
            finally
            {
                Progress?.Invoke();
            }
        });
    }

    private void Finish(Task save)
    {
        _save = null;
        if (save.IsCompletedSuccessfully)
        {
            _saving.ForEach(f => f.Durable = true);
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
            _dirty = true;
            _waiting.AddRange(_saving);
        }

        _saving.Clear();
    }

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    [LoggerMessage(Level = LogLevel.Error, Message = "Checkpoints cannot be saved: {Error} New files wait; a crash now would repeat lines. Trying again every second.")]
    private static partial void LogSaveFailed(ILogger logger, string error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Checkpoints are saved again.")]
    private static partial void LogSavesAgain(ILogger logger);
}

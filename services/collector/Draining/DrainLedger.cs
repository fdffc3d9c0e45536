using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Tributary.Collector.Tailing;
using Tributary.Contracts;

namespace Tributary.Collector.Draining;

/// <summary>
/// Which sources are being drained, and which messages about drained ones are not confirmed yet. On the disk before a
/// message goes out, so a kill at any moment costs a repeat with the same id. Bounded: past that the oldest message goes,
/// counted. Entries come from the tail loop; saving and publishing run beside it. Safe from any thread.
/// </summary>
internal sealed partial class DrainLedger : IDisposable
{
    /// <summary>Messages that wait while the bus is away.</summary>
    internal const int MessagesMax = 5_000;

    private static readonly TimeSpan SaveInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _saving = new(1, 1);
    private readonly Dictionary<string, SourceSpec> _draining = new(StringComparer.Ordinal);
    private readonly List<SourceDrained> _waiting = [];
    private readonly Queue<SourceDrained> _confirmed = [];
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly string _path;
    private readonly CollectorMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private bool _dirty;

    /// <exception cref="IOException">The file cannot be read.</exception>
    public DrainLedger(string folder, CollectorMetrics metrics, TimeProvider time, ILogger logger)
    {
        (_path, _metrics, _time, _logger) = (Path.Combine(folder, "drains"), metrics, time, logger);
        Load();
    }

    /// <summary>Sources that a former process was draining: followed to their end even if nobody names them any more.</summary>
    public IReadOnlyList<SourceSpec> LeftOver { get; private set; } = [];

    /// <summary>The source ended.</summary>
    public void Begin(SourceSpec source) => Change(() => _draining[source.Key] = source);

    /// <summary>The source lives again, or was forgotten.</summary>
    public void Withdraw(string key) => Change(() => _draining.Remove(key));

    /// <summary>The source is drained: the message goes out once it is on the disk.</summary>
    public void Finish(string key, SourceDrained message) => Change(() =>
    {
        _draining.Remove(key);
        if (_waiting.Exists(m => m.Id == message.Id))
        {
            return;
        }

        _waiting.Add(message);
        if (_waiting.Count > MessagesMax)
        {
            LogFull(_logger, MessagesMax, _waiting[0].Source, _waiting[0].Path);
            _metrics.DrainUnsaid();
            _waiting.RemoveAt(0);
        }
    });

    /// <summary>Messages that were confirmed since the last call; the tail loop's.</summary>
    public IReadOnlyList<SourceDrained> TakeConfirmed()
    {
        lock (_lock)
        {
            if (_confirmed.Count == 0)
            {
                return [];
            }

            var taken = _confirmed.ToArray();
            _confirmed.Clear();
            return taken;
        }
    }

    /// <summary>Saves what changed and publishes what was saved, until stopped. A message that is refused is tried again, before later ones.</summary>
    /// <param name="publish">Completes when the bus has the message.</param>
    /// <param name="stopping">Ends it.</param>
    public async Task RunAsync(Func<SourceDrained, CancellationToken, Task> publish, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                foreach (var message in await SaveAsync())
                {
                    await SendAsync(publish(message, stopping), stopping);
                    Confirm(message);
                }

                await _changed.Reader.ReadAsync(stopping);
                await Task.Delay(SaveInterval, _time, stopping);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                LogFailed(_logger, e.Message);
                await Task.Delay(RetryAfter, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // What waits is on the disk, or its source is drained once more at the next start.
            }
        }
    }

    /// <summary>Waits for the bus, which may be away for long; what begins to drain meanwhile is saved.</summary>
    private async Task SendAsync(Task sent, CancellationToken stopping)
    {
        while (await Task.WhenAny(sent, Task.Delay(SaveInterval, _time, stopping)) != sent && !stopping.IsCancellationRequested)
        {
            await SaveAsync();
        }

        await sent;
    }

    /// <summary>Puts on the disk what is not there yet; what is to be said and is on the disk.</summary>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    public async Task<IReadOnlyList<SourceDrained>> SaveAsync()
    {
        await _saving.WaitAsync();
        try
        {
            SourceDrained[] waiting;
            DrainEntry[] entries;
            lock (_lock)
            {
                waiting = [.. _waiting];
                if (!_dirty)
                {
                    return waiting;
                }

                entries = [.. _waiting.Select(m => new DrainEntry(null, m)), .. _draining.Values.Select(s => new DrainEntry(s, null))];
                _dirty = false;
            }

            try
            {
                await Task.Run(() => DrainFile.Write(_path, entries));
                return waiting;
            }
            catch
            {
                lock (_lock)
                {
                    _dirty = true;
                }

                throw;
            }
        }
        finally
        {
            _saving.Release();
        }
    }

    public void Dispose() => _saving.Dispose();

    private void Confirm(SourceDrained message) => Change(() =>
    {
        _waiting.Remove(message);
        _confirmed.Enqueue(message);
    });

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            _dirty = true;
        }

        _changed.Writer.TryWrite(true);
    }

    private void Load()
    {
        try
        {
            var entries = DrainFile.Read(_path);
            _waiting.AddRange(entries.Select(e => e.Message).OfType<SourceDrained>());
            LeftOver = [.. entries.Select(e => e.Source).OfType<SourceSpec>()];
            foreach (var source in LeftOver)
            {
                _draining[source.Key] = source;
            }
        }
        catch (InvalidDataException e)
        {
            LogDamaged(_logger, _path, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} is not used: {Problem}. Sources that were being drained are drained when discovery names them again.")]
    private static partial void LogDamaged(ILogger logger, string path, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A drained source cannot be told of: {Error} It is tried again every second.")]
    private static partial void LogFailed(ILogger logger, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Max} messages about drained sources wait for the bus, the limit; the one of {Source} at {Path} is given up.")]
    private static partial void LogFull(ILogger logger, int max, string source, string path);
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tributary.Collector.Batching;
using Tributary.Collector.Spooling;
using Tributary.Contracts.Batches;
using Tributary.Hosting;

namespace Tributary.Collector.Publishing;

/// <summary>
/// What is between the files and the next hop's confirm: per target at most a number of batches, for the node at most a
/// number of bytes. A refused batch is published again with back-off until the process ends, so it holds its target's
/// place and no other's. Reaching a bound stops reading, or where there is a spool goes on there, until that is full;
/// nothing is dropped. Admission is the tail loop's, publishing runs on the pool.
/// </summary>
internal sealed partial class PublishWindow
{
    private static readonly TimeSpan BackOffMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BackOffMax = TimeSpan.FromSeconds(10);

    private readonly CollectorOptions _options;
    private readonly NodeOptions _node;
    private readonly IBatchPublisher _publisher;
    private readonly SpoolQueues _spool;
    private readonly CollectorMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<PublishWindow> _logger;
    private readonly ConcurrentQueue<SealedBatch> _confirmed = new();
    private readonly ConcurrentQueue<SealedBatch> _spooled = new();
    private readonly Dictionary<string, Queue<SealedBatch>> _inFlight = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _lastStarted = new(StringComparer.Ordinal);
    private long _heldBytes;

    public PublishWindow(
        CollectorOptions options,
        NodeOptions node,
        IBatchPublisher publisher,
        SpoolQueues spool,
        CollectorMetrics metrics,
        TimeProvider time,
        ILogger<PublishWindow> logger)
    {
        (_options, _node, _publisher, _spool, _metrics, _time, _logger) = (options, node, publisher, spool, metrics, time, logger);
        spool.Written += Written;
    }

    /// <summary>Raised on a pool thread when a batch was confirmed or spooled: the tail loop has work.</summary>
    public event Action? Progress;

    /// <summary>Bytes of batches in flight.</summary>
    public long HeldBytes => Interlocked.Read(ref _heldBytes);

    /// <summary>Whether every batch was confirmed.</summary>
    public bool IsEmpty => _inFlight.Count == 0 && _spool.IsEmpty;

    /// <summary>Whether every batch was confirmed or is in the spool.</summary>
    public bool IsSafe => _inFlight.Values.All(q => q.All(b => b.IsSafe)) && _spool.IsWritten;

    /// <summary>When the oldest unconfirmed batch was closed, by the monotonic clock; null when all are confirmed.</summary>
    public long? OldestSealedAt => _inFlight.Count == 0 ? null : _inFlight.Values.Min(q => q.Peek().SealedAt);

    public int TargetsInFlight => _inFlight.Count;

    /// <summary>Bytes of the target's batches in flight.</summary>
    public long HeldBytesOf(string target) => _inFlight.TryGetValue(target, out var batches) ? batches.Sum(b => b.HeldBytes) : 0;

    /// <summary>Whether the target may send another batch.</summary>
    public bool HasRoom(string target) =>
        _spool.Holds(target) ? _spool.HasRoom() : HasPlace(target) || _spool.MayBegin(_inFlight[target]);

    /// <summary>Whether batches of an earlier process, left in the spool, wait for their confirm.</summary>
    public bool IsDraining(string target) => _spool.IsDraining(target);

    /// <summary>Sends a closed batch; the builder's buffers are returned once it is compressed.</summary>
    public void Send(SealedBatch batch, BatchBuilder builder, CancellationToken stopping)
    {
        if (!_spool.Holds(batch.Target) && !HasPlace(batch.Target))
        {
            _spool.Begin(batch.Target, _inFlight[batch.Target]);
            LogSpooling(_logger, batch.Target);
        }

        Interlocked.Add(ref _heldBytes, batch.HeldBytes);
        if (_spool.Holds(batch.Target))
        {
            batch.IsBehind = true;
            _spool.Add(batch);
            Start(batch, (before, started) => SpoolAsync(batch, builder, before, started, stopping));
            return;
        }

        InFlight(batch.Target).Enqueue(batch);
        Start(batch, (before, started) => PublishAsync(batch, builder, before, started, stopping));
    }

    /// <summary>
    /// Takes the batches that were confirmed or came into the spool since the last call, and sends what may go from the
    /// spool; the tail loop's.
    /// </summary>
    /// <param name="stopping">Ends the publishing of what was not confirmed when the process stops.</param>
    public IEnumerable<SealedBatch> TakeSettled(CancellationToken stopping)
    {
        while (_confirmed.TryDequeue(out var batch))
        {
            Release(batch.Target);
            _spool.Confirmed(batch);
            if (!batch.IsLost)
            {
                _metrics.Confirmed(batch.Records, _time.GetElapsedTime(batch.SealedAt));
            }

            yield return batch;
        }

        while (_spooled.TryDequeue(out var batch))
        {
            yield return batch;
        }

        if (!_spool.IsEmpty)
        {
            SendSpooled(stopping);
        }
    }

    private bool HasPlace(string target) =>
        !_inFlight.TryGetValue(target, out var batches) || batches.Count < _options.WindowBatchesPerTarget;

    private Queue<SealedBatch> InFlight(string target)
    {
        if (!_inFlight.TryGetValue(target, out var batches))
        {
            _inFlight[target] = batches = new Queue<SealedBatch>();
        }

        return batches;
    }

    /// <summary>Runs a batch's work on the pool, behind the one before it of its target.</summary>
    private void Start(SealedBatch batch, Func<Task, TaskCompletionSource, Task> work)
    {
        var before = _lastStarted.GetValueOrDefault(batch.Target, Task.CompletedTask);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _lastStarted[batch.Target] = started.Task;
        _ = Task.Run(() => work(before, started), CancellationToken.None);
    }

    /// <summary>Sends the oldest of the spool while there are places and bytes; a target may hold no more than is left free.</summary>
    private void SendSpooled(CancellationToken stopping)
    {
        foreach (var target in _spool.Targets.ToArray())
        {
            while (_spool.Holds(target) && HasPlace(target) && _spool.TryPeek(target, out var batch) && HasBytes(batch))
            {
                _spool.Dequeue(target);
                InFlight(target).Enqueue(batch);
                Hold(batch, batch.RawBytes);
                batch.IsBehind = false;
                Start(batch, (before, started) => PublishSpooledAsync(batch, before, started, stopping));
            }
        }
    }

    private bool HasBytes(SealedBatch batch)
    {
        var free = _options.WindowBytesMax - HeldBytes;
        return HeldBytes == 0 || HeldBytesOf(batch.Target) + batch.RawBytes <= free;
    }

    /// <summary>Frees the places of the target's confirmed batches at the front.</summary>
    private void Release(string target)
    {
        if (!_inFlight.TryGetValue(target, out var batches))
        {
            return;
        }

        while (batches.TryPeek(out var head) && head.IsConfirmed)
        {
            batches.Dequeue();
        }

        if (batches.Count == 0)
        {
            _inFlight.Remove(target);
            if (!_spool.Holds(target))
            {
                _lastStarted.Remove(target);
            }
        }
    }

    /// <summary>Compresses beside the target's other batches, but hands over in their order.</summary>
    private Task PublishAsync(SealedBatch sealedBatch, BatchBuilder builder, Task before, TaskCompletionSource started, CancellationToken stopping) =>
        GuardAsync(sealedBatch, started, async () =>
        {
            var batch = Compress(sealedBatch, builder);
            sealedBatch.Content = batch;
            Progress?.Invoke();
            await before;
            var confirmed = PublishUntilConfirmedAsync(batch, stopping);
            started.TrySetResult();
            await confirmed;
            builder.Dispose();
            Confirm(sealedBatch);
        }, stopping);

    /// <summary>Compresses and hands to the spool's writer in the target's order.</summary>
    private Task SpoolAsync(SealedBatch sealedBatch, BatchBuilder builder, Task before, TaskCompletionSource started, CancellationToken stopping) =>
        GuardAsync(sealedBatch, started, async () =>
        {
            var batch = Compress(sealedBatch, builder);
            await before;
            _spool.Write(sealedBatch, batch);
        }, stopping);

    private Task PublishSpooledAsync(SealedBatch sealedBatch, Task before, TaskCompletionSource started, CancellationToken stopping) =>
        GuardAsync(sealedBatch, started, async () =>
        {
            if (await ReadAsync(sealedBatch, stopping) is { } batch)
            {
                Hold(sealedBatch, batch.Content.Length);
                await before;
                var confirmed = PublishUntilConfirmedAsync(batch, stopping);
                started.TrySetResult();
                await confirmed;
            }

            Confirm(sealedBatch);
        }, stopping);

    private async Task GuardAsync(SealedBatch batch, TaskCompletionSource started, Func<Task> work, CancellationToken stopping)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Unconfirmed: the checkpoint stays where it is and the lines are read again, or it stays in the spool.
        }
        catch (Exception e)
        {
            // Must not happen. The window stays taken, so its target stops and the age of the oldest batch shows it.
            LogLost(_logger, batch.Target, e);
        }
        finally
        {
            started.TrySetResult();
        }
    }

    /// <summary>
    /// Uncompressed, the batch stays in the builder's buffer until it is confirmed; else the buffer is free again. A batch
    /// that may go to the spool is its own, as that may read it after the confirm.
    /// </summary>
    private LogBatch Compress(SealedBatch sealedBatch, BatchBuilder builder)
    {
        if (_options.Codec == BatchCodec.None && !_spool.IsOn)
        {
            var inPlace = LogBatch.SealInPlace(sealedBatch.Target, _node.Name, builder.Records, builder.Ranges(), builder.Written);
            Hold(sealedBatch, inPlace.Content.Length);
            return inPlace;
        }

        var batch = LogBatch.Seal(sealedBatch.Target, _node.Name, builder.Records, _options.Codec, builder.Ranges(), builder.Written.Span);
        builder.Dispose();
        Hold(sealedBatch, batch.Content.Length);
        return batch;
    }

    /// <summary>Null when it is damaged: that is a loss, and counted.</summary>
    private async Task<LogBatch?> ReadAsync(SealedBatch batch, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                return _spool.Read(batch);
            }
            catch (InvalidDataException e)
            {
                batch.IsLost = true;
                _metrics.Dropped("spool_damaged", batch.Records);
                LogDamaged(_logger, batch.Records, batch.Target, e.Message);
                return null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _metrics.SpoolError("read");
                LogUnread(_logger, batch.Target, e.Message);
            }

            await Task.Delay(BackOffMax, _time, stopping);
        }
    }

    private void Confirm(SealedBatch batch)
    {
        batch.Confirm();
        batch.Content = null;
        Hold(batch, 0);
        _spool.Remove(batch);
        _confirmed.Enqueue(batch);
        Progress?.Invoke();
    }

    /// <summary>A batch is in the spool, on the disk.</summary>
    private void Written(SealedBatch batch)
    {
        if (batch.IsBehind)
        {
            Hold(batch, 0);
        }

        batch.MarkSpooled();
        if (batch.IsConfirmed)
        {
            // Meanwhile.
            _spool.Remove(batch);
        }

        _spooled.Enqueue(batch);
        Progress?.Invoke();
    }

    private void Hold(SealedBatch batch, long bytes)
    {
        Interlocked.Add(ref _heldBytes, bytes - batch.HeldBytes);
        batch.HeldBytes = bytes;
    }

    private async Task PublishUntilConfirmedAsync(LogBatch batch, CancellationToken stopping)
    {
        var backOff = BackOffMin;
        while (true)
        {
            try
            {
                await _publisher.PublishAsync(batch, stopping);
                return;
            }
            catch (BatchRefusedException e)
            {
                _metrics.Refused(e.Reason);
                LogRefused(_logger, batch.Target, e.Reason, backOff.TotalSeconds, e.Message);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stopping.IsCancellationRequested)
            {
                _metrics.Refused("error");
                LogRefused(_logger, batch.Target, "error", backOff.TotalSeconds, e.Message);
            }

            await Task.Delay(backOff * (0.5 + Random.Shared.NextDouble()), _time, stopping);
            backOff = backOff * 2 < BackOffMax ? backOff * 2 : BackOffMax;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch for target {Target} was not taken ({Reason}); trying again in about {Seconds:F1} s. {Error}")]
    private static partial void LogRefused(ILogger logger, string target, string reason, double seconds, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nothing of target {Target} is confirmed; its batches go to the spool until the next hop takes them again.")]
    private static partial void LogSpooling(ILogger logger, string target);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Records} records for target {Target} are lost: their batch in the spool is damaged ({Problem}).")]
    private static partial void LogDamaged(ILogger logger, int records, string target, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch for target {Target} cannot be read from the spool: {Error} Trying again.")]
    private static partial void LogUnread(ILogger logger, string target, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Publishing a batch for target {Target} failed in a way that is not foreseen; the target waits until a restart.")]
    private static partial void LogLost(ILogger logger, string target, Exception e);
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tributary.Collector.Batching;
using Tributary.Contracts.Batches;
using Tributary.Hosting;

namespace Tributary.Collector.Publishing;

/// <summary>
/// What is between the files and the next hop's confirm: per target at most a number of batches, for the node at most a
/// number of bytes. A refused batch is published again with back-off until the process ends, so it holds its target's
/// place and no other's. Reaching a bound stops reading; nothing is dropped. Admission is the tail loop's, publishing
/// runs on the pool.
/// </summary>
internal sealed partial class PublishWindow(
    CollectorOptions options,
    NodeOptions node,
    IBatchPublisher publisher,
    CollectorMetrics metrics,
    TimeProvider time,
    ILogger<PublishWindow> logger)
{
    private static readonly TimeSpan BackOffMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BackOffMax = TimeSpan.FromSeconds(10);

    private readonly ConcurrentQueue<SealedBatch> _confirmed = new();
    private readonly Dictionary<string, Queue<SealedBatch>> _inFlight = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _lastStarted = new(StringComparer.Ordinal);
    private long _heldBytes;

    /// <summary>Raised on a pool thread when a batch was confirmed: the tail loop has work.</summary>
    public event Action? Progress;

    /// <summary>Bytes of batches in flight.</summary>
    public long HeldBytes => Interlocked.Read(ref _heldBytes);

    /// <summary>Bytes of the target's batches in flight.</summary>
    public long HeldBytesOf(string target) => _inFlight.TryGetValue(target, out var batches) ? batches.Sum(b => b.HeldBytes) : 0;

    public bool IsEmpty => _inFlight.Count == 0;

    /// <summary>When the oldest unconfirmed batch was closed, by the monotonic clock; null when all are confirmed.</summary>
    public long? OldestSealedAt => _inFlight.Count == 0 ? null : _inFlight.Values.Min(q => q.Peek().SealedAt);

    /// <summary>Whether the target may send another batch.</summary>
    public bool HasRoom(string target) =>
        !_inFlight.TryGetValue(target, out var batches) || batches.Count < options.WindowBatchesPerTarget;

    /// <summary>Sends a closed batch; the builder's buffers are returned once it is compressed.</summary>
    public void Send(SealedBatch batch, BatchBuilder builder, CancellationToken stopping)
    {
        if (!_inFlight.TryGetValue(batch.Target, out var batches))
        {
            _inFlight[batch.Target] = batches = new Queue<SealedBatch>();
        }

        batches.Enqueue(batch);
        Interlocked.Add(ref _heldBytes, batch.HeldBytes);
        var before = _lastStarted.GetValueOrDefault(batch.Target, Task.CompletedTask);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _lastStarted[batch.Target] = started.Task;
        _ = Task.Run(() => PublishAsync(batch, builder, before, started, stopping), CancellationToken.None);
    }

    /// <summary>Takes the batches that were confirmed since the last call; the tail loop's.</summary>
    public IEnumerable<SealedBatch> TakeConfirmed()
    {
        while (_confirmed.TryDequeue(out var batch))
        {
            Release(batch.Target);

            metrics.Confirmed(batch.Records, time.GetElapsedTime(batch.SealedAt));
            yield return batch;
        }
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
            _lastStarted.Remove(target);
        }
    }

    /// <summary>Compresses beside the target's other batches, but hands over in their order.</summary>
    private async Task PublishAsync(SealedBatch sealedBatch, BatchBuilder builder, Task before, TaskCompletionSource started, CancellationToken stopping)
    {
        try
        {
            var batch = Seal(sealedBatch.Target, builder);
            Interlocked.Add(ref _heldBytes, batch.Content.Length - sealedBatch.HeldBytes);
            sealedBatch.HeldBytes = batch.Content.Length;
            Progress?.Invoke();
            await before;
            var confirmed = PublishUntilConfirmedAsync(batch, stopping);
            started.TrySetResult();
            await confirmed;
            builder.Dispose();
            sealedBatch.Confirm();
            Interlocked.Add(ref _heldBytes, -sealedBatch.HeldBytes);
            _confirmed.Enqueue(sealedBatch);
            Progress?.Invoke();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Unconfirmed: the checkpoint stays where it is and the lines are read again.
        }
        catch (Exception e)
        {
            // Must not happen. The window stays taken, so its target stops and the age of the oldest batch shows it.
            LogLost(logger, sealedBatch.Target, e);
        }
        finally
        {
            started.TrySetResult();
        }
    }

    /// <summary>Uncompressed, the batch stays in the builder's buffer until it is confirmed; else the buffer is free again.</summary>
    private LogBatch Seal(string target, BatchBuilder builder)
    {
        if (options.Codec == BatchCodec.None)
        {
            return LogBatch.SealInPlace(target, node.Name, builder.Records, builder.Ranges(), builder.Written);
        }

        var batch = LogBatch.Seal(target, node.Name, builder.Records, options.Codec, builder.Ranges(), builder.Written.Span);
        builder.Dispose();
        return batch;
    }

    private async Task PublishUntilConfirmedAsync(LogBatch batch, CancellationToken stopping)
    {
        var backOff = BackOffMin;
        while (true)
        {
            try
            {
                await publisher.PublishAsync(batch, stopping);
                return;
            }
            catch (BatchRefusedException e)
            {
                metrics.Refused(e.Reason);
                LogRefused(logger, batch.Target, e.Reason, backOff.TotalSeconds, e.Message);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stopping.IsCancellationRequested)
            {
                metrics.Refused("error");
                LogRefused(logger, batch.Target, "error", backOff.TotalSeconds, e.Message);
            }

            await Task.Delay(backOff * (0.5 + Random.Shared.NextDouble()), time, stopping);
            backOff = backOff * 2 < BackOffMax ? backOff * 2 : BackOffMax;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch for target {Target} was not taken ({Reason}); trying again in about {Seconds:F1} s. {Error}")]
    private static partial void LogRefused(ILogger logger, string target, string reason, double seconds, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Publishing a batch for target {Target} failed in a way that is not foreseen; the target waits until a restart.")]
    private static partial void LogLost(ILogger logger, string target, Exception e);
}

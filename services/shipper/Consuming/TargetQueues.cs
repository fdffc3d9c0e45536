using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tributary.Contracts;
using Tributary.Contracts.Batches;
using Tributary.Hosting;

namespace Tributary.Shipper.Consuming;

/// <summary>
/// With the in-memory bus, what a queue a target is with RabbitMQ: a target's batches are delivered one after another
/// in the order of arrival, and an output that fails holds up no other target. The collector is answered when all
/// outputs of the target have the batch. Bounded by the collector's window; what a stop leaves is unanswered, so it is
/// read again. Safe from any thread.
/// </summary>
internal sealed partial class TargetQueues(BatchDelivery delivery, IBus bus, ILogger<TargetQueues> logger) : IHostedService, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, TargetQueue> _queues = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    public void Add(ReceivedBatch batch, Guid id)
    {
        // Of a batch that is none the header may be anything; its dead letter waits behind others like it.
        var target = batch.Header(BatchHeaders.Target);
        lock (_lock)
        {
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            if (!_queues.TryGetValue(target, out var queue))
            {
                _queues[target] = queue = new TargetQueue();
                queue.Delivering = Task.Run(() => DeliverAllAsync(target, queue), CancellationToken.None);
            }

            queue.Waiting.Enqueue((batch, id));
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task[] delivering;
        lock (_lock)
        {
            _stopping.Cancel();
            delivering = [.. _queues.Values.Select(q => q.Delivering)];
        }

        await Task.WhenAll(delivering).WaitAsync(cancellationToken);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task DeliverAllAsync(string target, TargetQueue queue)
    {
        var stopping = _stopping.Token;
        while (true)
        {
            (ReceivedBatch Batch, Guid Id) next;
            lock (_lock)
            {
                if (stopping.IsCancellationRequested || !queue.Waiting.TryDequeue(out next))
                {
                    _queues.Remove(target);
                    return;
                }
            }

            try
            {
                await delivery.DeliverAsync(next.Batch, next.Id, stopping);
                await bus.Publish(new BatchStored { BatchId = next.Id }, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // Unanswered.
            }
            catch (Exception e)
            {
                LogUnanswered(logger, next.Id, Excerpt.Of(target), e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivering batch {Id} of target {Target} failed in a way that is not foreseen; it is not confirmed and comes again after a restart.")]
    private static partial void LogUnanswered(ILogger logger, Guid id, string target, Exception e);

    private sealed class TargetQueue
    {
        public Queue<(ReceivedBatch Batch, Guid Id)> Waiting { get; } = new();

        public Task Delivering { get; set; } = Task.CompletedTask;
    }
}

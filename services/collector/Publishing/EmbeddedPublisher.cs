using System.Collections.Concurrent;
using MassTransit;
using Tributary.Contracts;
using Tributary.Contracts.Batches;
using Tributary.Hosting;

namespace Tributary.Collector.Publishing;

/// <summary>
/// Publishes on the in-memory transport, which completes a send when it is queued, and then waits for the shipper's
/// answer after its fsync, exactly as for a broker's confirm. Bounded by the collector's window.
/// </summary>
internal sealed class EmbeddedPublisher(IBus bus) : IBatchPublisher, IConsumer<BatchStored>
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _waiting = new();

    public async Task PublishAsync(LogBatch batch, CancellationToken stopping)
    {
        var id = NewId.NextGuid();
        var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = stored;
        try
        {
            await bus.Publish(
                batch,
                context =>
                {
                    context.Serializer = BatchSerializer.Instance;
                    context.MessageId = id;
                },
                stopping);
            await stored.Task.WaitAsync(stopping);
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    public Task Consume(ConsumeContext<BatchStored> context)
    {
        if (_waiting.TryGetValue(context.Message.BatchId, out var stored))
        {
            stored.TrySetResult();
        }

        return Task.CompletedTask;
    }
}

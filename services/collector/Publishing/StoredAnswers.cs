using System.Collections.Concurrent;
using MassTransit;
using Tributary.Contracts;

namespace Tributary.Collector.Publishing;

/// <summary>
/// Who waits for the shipper's answer to which batch. A class of its own, so that the bus can be made before the
/// publisher that needs the bus. Bounded by the collector's window. Safe from any thread.
/// </summary>
internal sealed class StoredAnswers : IConsumer<BatchStored>
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _waiting = new();

    /// <summary>Starts waiting for a batch, before it is sent.</summary>
    public Task Expect(Guid batchId) =>
        _waiting.GetOrAdd(batchId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Forget(Guid batchId) => _waiting.TryRemove(batchId, out _);

    public Task Consume(ConsumeContext<BatchStored> context)
    {
        if (_waiting.TryGetValue(context.Message.BatchId, out var stored))
        {
            stored.TrySetResult();
        }

        return Task.CompletedTask;
    }
}

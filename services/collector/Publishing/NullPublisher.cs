using Tributary.Contracts.Batches;

namespace Tributary.Collector.Publishing;

/// <summary>Confirms everything at once; for measuring.</summary>
internal sealed class NullPublisher : IBatchPublisher
{
    public Task PublishAsync(LogBatch batch, CancellationToken stopping) => Task.CompletedTask;
}

using Tributary.Contracts.Batches;

namespace Tributary.Collector.Publishing;

/// <summary>Hands a batch on for good: to the broker, to the shipper in this process, to nobody, or to files.</summary>
internal interface IBatchPublisher
{
    /// <summary>Completes when the next hop has the batch for good. Several may be under way at once; those of one target are begun in order.</summary>
    /// <exception cref="BatchRefusedException">It was refused; trying again later is right.</exception>
    Task PublishAsync(LogBatch batch, CancellationToken stopping);
}

/// <summary>The next hop refused a batch; the reason is short and becomes a metric label.</summary>
internal sealed class BatchRefusedException(string reason, Exception inner) : Exception(inner.Message, inner)
{
    public string Reason => reason;
}

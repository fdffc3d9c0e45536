using Tributary.Contracts.Batches;

namespace Tributary.Shipper.Outputs;

/// <summary>A place that batches are delivered to.</summary>
internal interface IOutput : IDisposable
{
    /// <summary>
    /// Completes when the batch is there for good. What will pass (a full disk) is waited out inside, with back-off.
    /// </summary>
    /// <param name="batch">Its headers.</param>
    /// <param name="request">Its decoded body; valid until the task completes.</param>
    /// <param name="stopping">Gives up waiting; the batch is then not delivered.</param>
    /// <exception cref="InvalidDataException">The body is malformed and never will be delivered.</exception>
    Task WriteAsync(LogBatch batch, ReadOnlyMemory<byte> request, CancellationToken stopping);
}

using Tributary.Contracts.Batches;

namespace Tributary.Shipper.Outputs;

/// <summary>Takes everything and keeps nothing.</summary>
internal sealed class NullOutput : IOutput
{
    public Task WriteAsync(LogBatch batch, ReadOnlyMemory<byte> request, CancellationToken stopping) => Task.CompletedTask;

    public void Dispose()
    {
    }
}

using Tributary.Collector.Publishing;
using Tributary.Contracts.Batches;
using Tributary.Shipper.Outputs;

namespace Tributary.Standalone.Collect;

/// <summary>Delivers to an output in this process, without a bus between: the output's sync is the confirm.</summary>
internal sealed class OutputPublisher(IOutput output) : IBatchPublisher, IDisposable
{
    public async Task PublishAsync(LogBatch batch, CancellationToken stopping)
    {
        using var request = batch.Open();
        await output.WriteAsync(batch, request.Memory, stopping);
    }

    public void Dispose() => output.Dispose();
}

using MassTransit;
using Tributary.Contracts.Batches;
using Tributary.Hosting;

namespace Tributary.Collector.Publishing;

/// <summary>
/// Publishes on the in-memory transport, which completes a send when it is queued, and then waits for the shipper's
/// answer after its fsync, exactly as for a broker's confirm.
/// </summary>
internal sealed class EmbeddedPublisher(IBus bus, StoredAnswers answers) : IBatchPublisher
{
    public async Task PublishAsync(LogBatch batch, CancellationToken stopping)
    {
        var id = NewId.NextGuid();
        var stored = answers.Expect(id);
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
            await stored.WaitAsync(stopping);
        }
        finally
        {
            answers.Forget(id);
        }
    }
}

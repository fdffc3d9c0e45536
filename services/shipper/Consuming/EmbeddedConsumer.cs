using MassTransit;
using Tributary.Contracts;
using Tributary.Hosting;

namespace Tributary.Shipper.Consuming;

/// <summary>Takes batches off the in-memory bus, delivers each to all outputs of its target, then answers the collector.</summary>
internal sealed class EmbeddedConsumer(BatchDelivery delivery) : IConsumer<ReceivedBatch>
{
    public async Task Consume(ConsumeContext<ReceivedBatch> context)
    {
        await delivery.DeliverAsync(context, outputName: null);
        if (context.MessageId is { } id)
        {
            await context.Publish(new BatchStored { BatchId = id });
        }
    }
}

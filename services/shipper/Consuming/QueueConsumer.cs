using MassTransit;
using Tributary.Hosting;

namespace Tributary.Shipper.Consuming;

/// <summary>Takes batches off one output's queue; the ack follows the delivery.</summary>
internal sealed class QueueConsumer(BatchDelivery delivery, string output) : IConsumer<ReceivedBatch>
{
    public Task Consume(ConsumeContext<ReceivedBatch> context) => delivery.DeliverAsync(context, output);
}

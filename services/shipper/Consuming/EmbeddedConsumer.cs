using MassTransit;
using Tributary.Hosting;

namespace Tributary.Shipper.Consuming;

/// <summary>Takes batches off the in-memory bus, one after another as they came, and hands each to its target's queue.</summary>
internal sealed class EmbeddedConsumer(TargetQueues queues) : IConsumer<ReceivedBatch>
{
    public Task Consume(ConsumeContext<ReceivedBatch> context)
    {
        queues.Add(context.Message, context.MessageId ?? NewId.NextGuid());
        return Task.CompletedTask;
    }
}

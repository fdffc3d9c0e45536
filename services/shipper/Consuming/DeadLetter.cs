using System.Text.Json;
using MassTransit;
using Tributary.Contracts.Batches;
using Tributary.Hosting;

namespace Tributary.Shipper.Consuming;

/// <summary>
/// Keeps what cannot be decoded: on RabbitMQ in the dead letter queue, headers and body as they came; with the
/// in-memory bus as two files in the state folder. When it returns, the batch is kept.
/// </summary>
internal sealed class DeadLetter(NodeOptions node)
{
    public async Task SendAsync(ConsumeContext<ReceivedBatch> context, string reason)
    {
        if (node.IsEmbedded)
        {
            Store(context, reason);
            return;
        }

        await context.Publish(
            new DeadBatch(context.Message, reason),
            send =>
            {
                send.Serializer = BatchSerializer.Instance;
                send.Durable = true;
                if (send.TryGetPayload<RabbitMqSendContext>(out var rabbit))
                {
                    // A queue that somebody deleted must not swallow it.
                    rabbit.Mandatory = true;
                }
            });
    }

    private void Store(ConsumeContext<ReceivedBatch> context, string reason)
    {
        var folder = Directory.CreateDirectory(Path.Combine(node.State, "shipper", "dead")).FullName;
        var name = Path.Combine(folder, (context.MessageId ?? Guid.NewGuid()).ToString("N"));
        File.WriteAllBytes(name + ".body", context.Message.GetBody());
        var headers = BatchHeaders.All.ToDictionary(h => h, context.Message.Header);
        headers[BatchHeaders.DeadReason] = reason;
        File.WriteAllText(name + ".json", JsonSerializer.Serialize(headers));
    }
}

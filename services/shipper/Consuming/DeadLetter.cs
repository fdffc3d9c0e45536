using System.Text.Json;
using MassTransit;
using Tributary.Contracts.Batches;
using Tributary.Hosting;

namespace Tributary.Shipper.Consuming;

/// <summary>
/// Keeps what cannot be decoded: on RabbitMQ in the dead letter queue, headers and body as they came; with the
/// in-memory bus as two synced files in the state folder. When it returns, the batch is kept.
/// </summary>
internal sealed class DeadLetter(NodeOptions node)
{
    /// <summary>Sends it to the dead letter queue.</summary>
    public static Task SendAsync(ConsumeContext<ReceivedBatch> context, string reason) =>
        context.Publish(
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

    /// <summary>Writes it to the state folder.</summary>
    /// <exception cref="IOException">The disk is full or broken.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public void Store(ReceivedBatch batch, Guid id, string reason)
    {
        var folder = Path.GetFullPath(Path.Combine(node.State, "shipper", "dead"));
        FolderSync.Make(folder);
        var name = Path.Combine(folder, id.ToString("N"));
        Write(name + ".body", batch.GetBody());
        var headers = BatchHeaders.All.ToDictionary(h => h, batch.Header);
        headers[BatchHeaders.DeadReason] = reason;
        Write(name + ".json", JsonSerializer.SerializeToUtf8Bytes(headers));
        FolderSync.Sync(folder);
    }

    private static void Write(string path, byte[] content)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }
}

using MassTransit;
using Tributary.Contracts.Batches;
using Tributary.Hosting;

namespace Tributary.Collector.Publishing;

/// <summary>
/// Publishes to RabbitMQ: persistent, mandatory, confirmed. While the broker is away or blocks, MassTransit waits and
/// tries again by itself; what it refuses or returns is for the caller to repeat. A publish is never timed out, because
/// a cancelled one has an unknown outcome; only the end of the process ends it.
/// </summary>
internal sealed class BrokerPublisher(IBus bus) : IBatchPublisher
{
    public async Task PublishAsync(LogBatch batch, CancellationToken stopping)
    {
        try
        {
            await bus.Publish(
                batch,
                context =>
                {
                    context.Serializer = BatchSerializer.Instance;
                    context.Durable = true;
                    context.SetRoutingKey(batch.Target);
                    if (context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
                    {
                        rabbit.Mandatory = true;
                    }
                },
                stopping);
        }
        catch (MessageReturnedException e)
        {
            throw new BatchRefusedException("unroutable", e);
        }
        catch (RabbitMQ.Client.Exceptions.PublishException e)
        {
            // A queue that is full answers with a nack; the client's exception comes through as it is.
            throw new BatchRefusedException(e.IsReturn ? "unroutable" : "refused", e);
        }
        catch (PublishException e)
        {
            throw new BatchRefusedException("refused", e);
        }
        catch (ConnectionException e)
        {
            throw new BatchRefusedException("connection", e);
        }
    }
}

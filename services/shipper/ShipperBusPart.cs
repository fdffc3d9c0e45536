using MassTransit;
using MassTransit.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Contracts;
using Tributary.Hosting;
using Tributary.Shipper.Consuming;

namespace Tributary.Shipper;

/// <summary>
/// One quorum queue and consumer a (target, output) pair, and one for the default output behind the alternate exchange.
/// MassTransit's error and skipped queues are out of play: whatever comes, of any content type, is read as a batch, and
/// what is none is dead-lettered by us; everything else stays unacked.
/// A queue's batches are delivered one after another, which keeps each source's order; in memory, where there is one
/// endpoint, <see cref="TargetQueues"/> does so for each target.
/// </summary>
public sealed class ShipperBusPart(ShipperOptions options) : IBusPart
{
    private const string EmbeddedQueue = Topology.DefaultQueue;

    public void Register(IBusRegistrationConfigurator bus)
    {
        // Consumers are made per endpoint, each with its output.
    }

    public void ConfigureRabbitMq(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator bus)
    {
        Endpoint(context, bus, Topology.DefaultQueue, ShipperOptions.DefaultOutput, endpoint =>
            endpoint.Bind(Topology.UnroutedExchange, binding => binding.ExchangeType = "fanout"));
        foreach (var (target, output) in options.Routes.Distinct())
        {
            Endpoint(context, bus, Topology.OutputQueue(target, output), output, endpoint =>
                endpoint.Bind(Topology.BatchExchange, binding =>
                {
                    binding.ExchangeType = "direct";
                    binding.RoutingKey = target;
                    binding.SetExchangeArgument("alternate-exchange", Topology.UnroutedExchange);
                }));
        }
    }

    public void ConfigureInMemory(IBusRegistrationContext context, IInMemoryBusFactoryConfigurator bus) =>
        bus.ReceiveEndpoint(EmbeddedQueue, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.Bind(Topology.BatchExchange);
            Receive(endpoint);
            endpoint.Consumer(() => new EmbeddedConsumer(context.GetRequiredService<TargetQueues>()));
        });

    private void Receive(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.PrefetchCount = options.PrefetchBatches;
        endpoint.ConcurrentMessageLimit = 1;
        endpoint.PublishFaults = false;
        endpoint.RethrowFaultedMessages();
        endpoint.ClearSerialization();
        endpoint.AddSerializer(new SystemTextJsonMessageSerializerFactory());
        endpoint.AddDeserializer(BatchSerializer.Instance, isDefault: true);
    }

    private void Endpoint(
        IBusRegistrationContext context,
        IRabbitMqBusFactoryConfigurator bus,
        string queue,
        string output,
        Action<IRabbitMqReceiveEndpointConfigurator> bind) => bus.ReceiveEndpoint(queue, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            Receive(endpoint);
            BusTopology.OutputQueueArguments(endpoint);
            bind(endpoint);
            endpoint.Consumer(() => new QueueConsumer(context.GetRequiredService<BatchDelivery>(), output));
        });
}

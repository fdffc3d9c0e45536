using MassTransit;
using Tributary.Contracts;
using Tributary.Discovery.Publishing;
using Tributary.Hosting;

namespace Tributary.Discovery;

/// <summary>
/// The queue on which this node's discovery hears requests. It outlives a restart, expires when nobody listens for an
/// hour, and drops its oldest when it is full: each snapshot answers all requests before it.
/// </summary>
internal sealed class DiscoveryBusPart(NodeOptions node) : IBusPart
{
    public void Register(IBusRegistrationConfigurator bus) => bus.AddConsumer<NodeSnapshotRequestedConsumer>();

    public void ConfigureRabbitMq(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator bus) =>
        bus.ReceiveEndpoint(Topology.DiscoveryQueue(node.Name), endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.Durable = true;
            endpoint.QueueExpiration = Topology.ControlQueueExpires;
            endpoint.SetQueueArgument("x-max-length", Topology.ControlQueueLengthMax);
            endpoint.Bind(Topology.NodeSnapshotRequestedExchange, binding =>
            {
                binding.ExchangeType = "direct";
                binding.RoutingKey = node.Name;
            });
            endpoint.DiscardFaultedMessages();
            endpoint.DiscardSkippedMessages();
            endpoint.ConfigureConsumer<NodeSnapshotRequestedConsumer>(context);
        });

    public void ConfigureInMemory(IBusRegistrationContext context, IInMemoryBusFactoryConfigurator bus) =>
        bus.ReceiveEndpoint(Topology.DiscoveryQueue(node.Name), endpoint =>
            endpoint.ConfigureConsumer<NodeSnapshotRequestedConsumer>(context));
}

using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Collector.Answering;
using Tributary.Collector.Catalog;
using Tributary.Collector.Publishing;
using Tributary.Contracts;
using Tributary.Hosting;

namespace Tributary.Collector;

/// <summary>
/// The collector's endpoint: the node's container events, and what is asked of it. On RabbitMQ its queue expires after an hour unused and is
/// bounded; a snapshot covers the gap.
/// </summary>
public sealed class CollectorBusPart(NodeOptions node) : IBusPart
{
    private static readonly string[] Exchanges =
    [
        Topology.ContainerStartedExchange,
        Topology.ContainerStoppedExchange,
        Topology.ContainerRemovedExchange,
        Topology.NodeSnapshotExchange,
        Topology.FollowedFilesRequestedExchange,
    ];

    public void Register(IBusRegistrationConfigurator bus)
    {
        bus.AddConsumer<ContainerEventConsumer>();
        bus.AddConsumer<FollowedFilesConsumer>();
    }

    public void ConfigureRabbitMq(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator bus) =>
        bus.ReceiveEndpoint(Topology.CollectorQueue(node.Name), endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.QueueExpiration = Topology.ControlQueueExpires;
            endpoint.SetQueueArgument("x-max-length", Topology.ControlQueueLengthMax);
            endpoint.ConcurrentMessageLimit = 1;
            foreach (var exchange in Exchanges)
            {
                endpoint.Bind(exchange, binding =>
                {
                    binding.ExchangeType = "direct";
                    binding.RoutingKey = node.Name;
                });
            }

            // One connection for all that the bus does. MassTransit 8.4 never runs what ConfigureConnection is given.
            var alarm = context.GetRequiredService<BrokerAlarm>();
            endpoint.ConfigureChannel(channel => channel.UseExecute(c => alarm.Watch(c.ConnectionContext.Connection)));
            endpoint.ConfigureConsumer<ContainerEventConsumer>(context);
            endpoint.ConfigureConsumer<FollowedFilesConsumer>(context);
        });

    public void ConfigureInMemory(IBusRegistrationContext context, IInMemoryBusFactoryConfigurator bus) =>
        bus.ReceiveEndpoint(Topology.CollectorQueue(node.Name), endpoint =>
        {
            endpoint.ConcurrentMessageLimit = 1;
            endpoint.ConfigureConsumer<ContainerEventConsumer>(context);
            endpoint.ConfigureConsumer<FollowedFilesConsumer>(context);
            endpoint.Instance(context.GetRequiredService<StoredAnswers>());
        });
}

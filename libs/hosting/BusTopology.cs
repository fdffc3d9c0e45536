using MassTransit;
using Tributary.Contracts;
using Tributary.Contracts.Batches;

namespace Tributary.Hosting;

/// <summary>Gives every message type its exchange from <see cref="Topology"/>, the same in each process.</summary>
public static class BusTopology
{
    private const string Direct = "direct";
    private const string Topic = "topic";

    internal static void Apply(IRabbitMqBusFactoryConfigurator bus)
    {
        Name(bus);
        bus.Publish<ContainerStarted>(p => p.ExchangeType = Direct);
        bus.Publish<ContainerStopped>(p => p.ExchangeType = Direct);
        bus.Publish<ContainerRemoved>(p => p.ExchangeType = Direct);
        bus.Publish<NodeSnapshot>(p => p.ExchangeType = Direct);
        bus.Publish<NodeSnapshotRequested>(p => p.ExchangeType = Direct);
        bus.Publish<FollowedFilesRequested>(p => p.ExchangeType = Direct);
        bus.Send<FollowedFilesRequested>(s => s.UseRoutingKeyFormatter(context => context.Message.Node));
        bus.Publish<SourceDrained>(p => p.ExchangeType = Topic);
        bus.Publish<CollectorStatus>(p => p.ExchangeType = Topic);
        bus.Publish<LogBatch>(p =>
        {
            p.ExchangeType = Direct;
            p.BindAlternateExchangeQueue(Topology.UnroutedExchange, Topology.DefaultQueue, OutputQueueArguments);
        });
        bus.Publish<DeadBatch>(p => p.BindQueue(Topology.DeadLetter, Topology.DeadLetter, queue => queue.SetQuorumQueue()));
    }

    internal static void Apply(IInMemoryBusFactoryConfigurator bus) => Name(bus);

    /// <summary>A queue of batches: survives the broker's restart, refuses when full, never drops.</summary>
    public static void OutputQueueArguments(IRabbitMqQueueConfigurator queue)
    {
        queue.SetQuorumQueue();
        queue.SetQueueArgument("x-overflow", "reject-publish");
    }

    private static void Name(IBusFactoryConfigurator bus)
    {
        bus.Message<ContainerStarted>(m => m.SetEntityName(Topology.ContainerStartedExchange));
        bus.Message<ContainerStopped>(m => m.SetEntityName(Topology.ContainerStoppedExchange));
        bus.Message<ContainerRemoved>(m => m.SetEntityName(Topology.ContainerRemovedExchange));
        bus.Message<NodeSnapshot>(m => m.SetEntityName(Topology.NodeSnapshotExchange));
        bus.Message<NodeSnapshotRequested>(m => m.SetEntityName(Topology.NodeSnapshotRequestedExchange));
        bus.Message<FollowedFilesRequested>(m => m.SetEntityName(Topology.FollowedFilesRequestedExchange));
        bus.Message<FollowedFiles>(m => m.SetEntityName(Topology.FollowedFilesExchange));
        bus.Message<SourceDrained>(m => m.SetEntityName(Topology.SourceDrainedExchange));
        bus.Message<CollectorStatus>(m => m.SetEntityName(Topology.CollectorStatusExchange));
        bus.Message<BatchStored>(m => m.SetEntityName(Topology.BatchStoredExchange));
        bus.Message<DeadBatch>(m => m.SetEntityName(Topology.DeadLetter));
        bus.Message<LogBatch>(m => m.SetEntityName(Topology.BatchExchange));
    }
}

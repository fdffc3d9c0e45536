using MassTransit;
using Tributary.Contracts;
using Tributary.Hosting;

namespace Tributary.Discovery.Publishing;

/// <summary>Passes a request for this node on to the publisher; the in-memory transport shows other nodes' requests too.</summary>
internal sealed class NodeSnapshotRequestedConsumer(NodeOptions node, LifecyclePublisher publisher) : IConsumer<NodeSnapshotRequested>
{
    public Task Consume(ConsumeContext<NodeSnapshotRequested> context)
    {
        if (context.Message.Node == node.Name)
        {
            publisher.RequestSnapshot();
        }

        return Task.CompletedTask;
    }
}

using MassTransit;
using Tributary.Contracts;

namespace Tributary.Collector.Catalog;

/// <summary>Hands what discovery says to the catalog.</summary>
internal sealed class ContainerEventConsumer(ContainerCatalog catalog) :
    IConsumer<ContainerStarted>,
    IConsumer<ContainerStopped>,
    IConsumer<ContainerRemoved>,
    IConsumer<NodeSnapshot>
{
    public Task Consume(ConsumeContext<ContainerStarted> context)
    {
        catalog.Started(context.Message);
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<ContainerStopped> context)
    {
        catalog.Stopped(context.Message);
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<ContainerRemoved> context)
    {
        catalog.Removed(context.Message);
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<NodeSnapshot> context)
    {
        catalog.Snapshot(context.Message);
        return Task.CompletedTask;
    }
}

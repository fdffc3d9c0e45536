using MassTransit;
using Microsoft.Extensions.Hosting;
using Tributary.Contracts;

namespace Tributary.Collector.Draining;

/// <summary>Tells the bus of drained sources; on RabbitMQ a message is done when the broker has confirmed it.</summary>
internal sealed class DrainPublisher(DrainLedger ledger, IBus bus) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => ledger.RunAsync(PublishAsync, stoppingToken);

    private Task PublishAsync(SourceDrained message, CancellationToken stopping) => bus.Publish(
        message,
        context =>
        {
            context.MessageId = message.Id;
            context.SetRoutingKey(message.Node);
        },
        stopping);
}

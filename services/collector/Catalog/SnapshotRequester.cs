using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tributary.Contracts;
using Tributary.Hosting;

namespace Tributary.Collector.Catalog;

/// <summary>Asks this node's discovery for a snapshot at start, and again while none has come for a while.</summary>
internal sealed partial class SnapshotRequester(
    IBus bus,
    NodeOptions node,
    ContainerCatalog catalog,
    TimeProvider time,
    ILogger<SnapshotRequester> logger) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Missing = TimeSpan.FromSeconds(90);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (catalog.LastSnapshot is not { } last || time.GetElapsedTime(last) > Missing)
                {
                    var request = new NodeSnapshotRequested { Node = node.Name, Requester = "collector", Time = time.GetUtcNow() };
                    await bus.Publish(request, context => context.SetRoutingKey(node.Name), stoppingToken);
                }

                await Task.Delay(Look, time, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, e.Message);
                await Task.Delay(Look, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Discovery could not be asked for a snapshot: {Error}")]
    private static partial void LogFailed(ILogger logger, string error);
}

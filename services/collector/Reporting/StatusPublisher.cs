using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tributary.Hosting;

namespace Tributary.Collector.Reporting;

/// <summary>Publishes the collector's status every so often. One that cannot be sent is not kept: the next one says more.</summary>
internal sealed partial class StatusPublisher(
    IBus bus, StatusReport report, NodeOptions node, CollectorOptions options, TimeProvider time, ILogger<StatusPublisher> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(options.StatusInterval, time, stoppingToken);
                // While the broker is away this waits, and what it sends at last is a little old.
                await bus.Publish(report.Make(options.StatusSourcesMax), context => context.SetRoutingKey(node.Name), stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, e.Message);
            }
            catch (OperationCanceledException)
            {
                // The end.
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The collector's status could not be published: {Error}")]
    private static partial void LogFailed(ILogger logger, string error);
}

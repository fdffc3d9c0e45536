using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tributary.Hosting.Health;

/// <summary>Says once when the bus cannot be reached, and once when it can again.</summary>
internal sealed partial class BusWatch(IBusControl bus, NodeOptions node, TimeProvider time, ILogger<BusWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A broker that is there needs a moment to be connected to.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var healthySince = time.GetTimestamp();
        var reported = false;
        try
        {
            while (true)
            {
                await Task.Delay(Interval, time, stoppingToken);
                var health = bus.CheckHealth();
                if (health.Status == BusHealthStatus.Healthy)
                {
                    healthySince = time.GetTimestamp();
                    if (reported)
                    {
                        LogBack(logger, BusAddress.Masked(node.Bus));
                    }

                    reported = false;
                }
                else if (!reported && time.GetElapsedTime(healthySince) > Patience)
                {
                    LogAway(logger, BusAddress.Masked(node.Bus), health.Description);
                    reported = true;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The bus at {Address} cannot be reached ({Problem}). Nothing is lost; connecting goes on in the background.")]
    private static partial void LogAway(ILogger logger, string address, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "The bus at {Address} is connected again.")]
    private static partial void LogBack(ILogger logger, string address);
}

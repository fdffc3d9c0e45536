using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tributary.Discovery.Containers;
using Tributary.Discovery.Publishing;

namespace Tributary.Discovery;

/// <summary>
/// Runs one loop for each source, and the publisher's. A source that fails keeps its last good view and is tried again
/// after a growing, jittered delay; it stops no other.
/// </summary>
internal sealed partial class DiscoveryLoop(
    IReadOnlyList<IContainerSource> sources, NodeView view, LifecyclePublisher publisher, DiscoveryOptions options,
    DiscoveryHealth health, DiscoveryMetrics metrics, ILogger<DiscoveryLoop> log, TimeProvider time) : BackgroundService
{
    public override void Dispose()
    {
        foreach (var source in sources)
        {
            (source as IDisposable)?.Dispose();
        }

        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(sources
            .Select(source => Task.Run(() => FollowAsync(source, stoppingToken), CancellationToken.None))
            .Append(publisher.RunAsync(view.TakeSnapshot, stoppingToken)));

    private async Task FollowAsync(IContainerSource source, CancellationToken cancel)
    {
        var backoff = new Backoff(options.ReconnectDelayMin, options.ReconnectDelayMax);
        var told = "";
        while (!cancel.IsCancellationRequested)
        {
            health.Tick(source.Name);
            var began = time.GetTimestamp();
            var reason = "it closed the connection";
            try
            {
                await source.RunAsync(
                    report =>
                    {
                        told = "";
                        view.Apply(source.Name, report);
                    },
                    cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                metrics.LookFailed(source.Name);
                reason = e is IOException or UnauthorizedAccessException ? e.Message : e.ToString();
            }

            if (time.GetElapsedTime(began) > options.ReconnectDelayMax)
            {
                backoff.Reset();
            }

            var delay = backoff.Next();
            if (told != reason)
            {
                LogLost(log, source.Name, delay.TotalSeconds, reason);
                told = reason;
            }

            await Task.Delay(delay, time, cancel);
        }
    }

    [LoggerMessage(1003, LogLevel.Warning, "Source {Source} is lost, its last good view is kept; trying again in {Seconds:0.0} s and on: {Reason}")]
    private static partial void LogLost(ILogger log, string source, double seconds, string reason);
}

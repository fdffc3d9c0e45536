using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tributary.Collector.Catalog;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Tailing;

namespace Tributary.Collector;

/// <summary>Runs the tail loop, and beside it the search for host files. Stopping drains what is in flight.</summary>
internal sealed partial class CollectorService(
    TailLoop tail,
    HostFileCatalog files,
    CheckpointStore store,
    CollectorOptions options,
    TimeProvider time,
    ILogger<CollectorService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Off the start-up path: the loop does not yield while there is something to read.
        await Task.Yield();
        LogStarted(logger, store.LoadedCount);
        var searching = files.SearchAsync(tail, options.RescanInterval, time, stoppingToken);
        await tail.RunAsync(stoppingToken);
        await searching;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The collector starts; {Count} files are known from before.")]
    private static partial void LogStarted(ILogger logger, int count);
}

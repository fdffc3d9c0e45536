using Tributary.Collector.Catalog;
using Tributary.Collector.Tailing;
using Tributary.Contracts;
using Tributary.Hosting;

namespace Tributary.Collector.Reporting;

/// <summary>Makes the status message: totals of everything, and the sources with the most lag. Safe from any thread.</summary>
internal sealed class StatusReport(TailLoop tail, ContainerCatalog catalog, CollectorHealth health, NodeOptions node, TimeProvider time)
{
    private const int ErrorsMax = 100;

    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    /// <param name="sourcesMax">How many sources are named.</param>
    public CollectorStatus Make(int sourcesMax)
    {
        var status = tail.Status;
        var live = status.Sources.Where(s => s.State != SourceState.Drained).ToArray();
        var errors = live.Where(s => s.Problem is not null)
            .Select(s => new CollectorError { Name = s.Name, Path = s.Path, Error = s.Problem! })
            .Concat(catalog.Errors())
            .ToArray();
        return new CollectorStatus
        {
            Node = node.Name,
            Time = time.GetUtcNow(),
            StartedAt = _startedAt,
            Problem = health.NotReady(),
            SourceCount = live.Length,
            OpenFiles = status.OpenFiles,
            LagBytes = status.LagBytes,
            LagSeconds = live.Length == 0 ? 0 : live.Max(s => s.LagSeconds),
            HeldBytes = status.HeldBytes,
            OldestUnconfirmedSeconds = Math.Round(status.OldestUnconfirmed.TotalSeconds, 3),
            BytesRead = status.Total.BytesRead,
            Lines = status.Total.Lines,
            Records = status.Total.Records,
            BatchesConfirmed = status.Total.BatchesConfirmed,
            Dropped = status.Total.Dropped,
            Sources =
            [
                .. live.OrderByDescending(s => s.LagBytes).ThenByDescending(s => s.BytesTotal).ThenBy(s => s.Key, StringComparer.Ordinal).Take(sourcesMax),
            ],
            SourcesLeftOut = Math.Max(0, live.Length - sourcesMax),
            Errors = [.. errors.Take(ErrorsMax)],
            ErrorsLeftOut = Math.Max(0, errors.Length - ErrorsMax),
        };
    }
}

using Tributary.Collector.Publishing;
using Tributary.Collector.Tailing;
using Tributary.Contracts;

namespace Tributary.Collector.Counting;

/// <summary>What the collector follows, at one moment.</summary>
internal sealed record TailStatus(
    IReadOnlyList<SourceStatus> Sources,
    Accounting Total,
    int OpenFiles,
    long HeldBytes,
    TimeSpan OldestUnconfirmed)
{
    public static TailStatus Empty { get; } = new([], new Accounting(), 0, 0, TimeSpan.Zero);

    public long LagBytes => Sources.Sum(s => s.LagBytes);

    public static TailStatus Of(
        IReadOnlyCollection<FollowedSource> sources,
        PublishWindow window,
        FileAdmission open,
        CollectorMetrics metrics,
        TimeProvider time) => new(
            [.. sources.Select(s => s.Status(time))],
            metrics.Total(),
            open.All.Count,
            window.HeldBytes,
            window.OldestSealedAt is { } oldest ? time.GetElapsedTime(oldest) : TimeSpan.Zero);
}

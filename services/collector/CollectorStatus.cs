using Tributary.Collector.Publishing;
using Tributary.Collector.Tailing;

namespace Tributary.Collector;

/// <summary>What the collector follows, at one moment.</summary>
internal sealed record CollectorStatus(
    IReadOnlyList<SourceStatus> Sources,
    Accounting Total,
    int OpenFiles,
    long HeldBytes,
    TimeSpan OldestUnconfirmed)
{
    public static CollectorStatus Empty { get; } = new([], new Accounting(), 0, 0, TimeSpan.Zero);

    public long LagBytes => Sources.Sum(s => s.LagBytes);

    public static CollectorStatus Of(
        IReadOnlyCollection<FollowedSource> sources,
        PublishWindow window,
        FileAdmission open,
        CollectorMetrics metrics,
        TimeProvider time) => new(
            [.. sources.Select(s => new SourceStatus(s.Spec.Key, s.Spec.DisplayName, s.Spec.Target, s.BytesRead, s.LagBytes, s.Finished, s.Problem ?? s.Account.Problem))],
            metrics.Total(),
            open.All.Count,
            window.HeldBytes,
            window.OldestSealedAt is { } oldest ? time.GetElapsedTime(oldest) : TimeSpan.Zero);
}

/// <summary>One source of a <see cref="CollectorStatus"/>.</summary>
/// <param name="Key">Names it within the process.</param>
/// <param name="Name">For people.</param>
/// <param name="Target">Where its records go.</param>
/// <param name="BytesRead">Since the process started.</param>
/// <param name="LagBytes">In the files and not yet confirmed.</param>
/// <param name="Finished">Drained and closed.</param>
/// <param name="Problem">Why it is not read; null when it is.</param>
internal sealed record SourceStatus(string Key, string Name, string Target, long BytesRead, long LagBytes, bool Finished, string? Problem);

namespace Tributary.Benchmarks.Runs;

/// <summary>What a row must reach.</summary>
/// <param name="LinesPerCpuSecond">At least.</param>
/// <param name="Like">A row to whose speed it must come within 10%; null for none.</param>
internal sealed record Goal(double LinesPerCpuSecond, BenchRow? Like = null)
{
    /// <summary>Every row's peak resident set stays below.</summary>
    internal const long PeakRssBytes = 150_000_000;

    private const double LikeShare = 0.9;

    /// <summary>Null while the row that it is compared with was not run.</summary>
    internal double? Speed => Like is null ? LinesPerCpuSecond : Like.Runs.Count == 0 || Like.Failure is not null ? null : Like.LinesPerCpuSecond * LikeShare;

    /// <summary>"met", or "MISSED" with what was missed.</summary>
    internal string Verdict(BenchRow row)
    {
        var slow = row.LinesPerCpuSecond < Speed;
        var large = row.Median().PeakRssBytes is not < PeakRssBytes;
        return (slow, large) switch
        {
            (false, false) => Speed is null ? "memory met" : "met",
            (true, false) => "MISSED: speed",
            (false, true) => "MISSED: memory",
            _ => "MISSED: speed, memory",
        };
    }
}

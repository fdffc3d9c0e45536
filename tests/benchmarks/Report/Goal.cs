using Tributary.Benchmarks.Runs;

namespace Tributary.Benchmarks.Report;

/// <summary>What a row to confirmed RabbitMQ must reach.</summary>
internal static class Goal
{
    internal const double LinesPerCpuSecond = 700_000;
    internal const long PeakRssBytes = 200_000_000;

    /// <summary>"met", "MISSED" with what was missed, or "" where no goal is set.</summary>
    internal static string Verdict(BenchRow row)
    {
        if (!row.HasGoal)
        {
            return "";
        }

        var median = row.Median();
        var slow = row.File.Lines / median.CpuSeconds < LinesPerCpuSecond;
        var large = median.PeakRssBytes is not < PeakRssBytes;
        return (slow, large) switch
        {
            (false, false) => "met",
            (true, false) => "MISSED: speed",
            (false, true) => "MISSED: memory",
            _ => "MISSED: speed, memory",
        };
    }
}

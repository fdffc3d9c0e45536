using System.Globalization;
using Tributary.Collector.Reporting;
using Tributary.Contracts;
using Tributary.Hosting.Metrics;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Reporting;

public sealed class SourceMetricsTests
{
    [Fact]
    public async Task However_many_sources_there_are_only_the_first_have_series_and_the_others_are_summed()
    {
        await using var rig = new CollectorRig();
        rig.Options.MetricsSourcesMax = 3;
        for (var i = 0; i < 10; i++)
        {
            rig.Append($"{i}.log", "line\n");
            rig.Follow($"{i}.log");
        }

        rig.Start();
        await rig.UntilAsync(() => rig.Tail.Status.Sources.Count(s => s.ConfirmedBytes == 5) == 10, "all confirmed");
        var sections = new SourceMetrics(rig.Tail, rig.Options);
        using var reader = new MetricsReader([new MetricsSection(sections.Write)]);
        var page = reader.Render();

        Assert.Equal(4, Samples(page, "tributary_collector_source_lines_total").Count);
        Assert.Equal(7, Samples(page, "tributary_collector_source_lines_total")["other"]);
        Assert.Equal(35, Samples(page, "tributary_collector_source_size_bytes")["other"]);
        Assert.Equal(1, Samples(page, "tributary_collector_source_records_total")["0.log"]);
        Assert.Equal(0, Samples(page, "tributary_collector_source_lag_seconds")["2.log"]);

        // When one goes, the next one gets its series; what was counted of it before stays in the sum.
        rig.FollowAgain(s => s.DisplayName == "0.log" ? s with { Growing = false } : s);
        await rig.UntilAsync(() => rig.Tail.Status.Sources.Any(s => s.State == SourceState.Drained), "the end of one");
        page = reader.Render();
        Assert.Equal(["1.log", "2.log", "3.log", "other"], Samples(page, "tributary_collector_source_lines_total").Keys.Order(StringComparer.Ordinal));
        Assert.Equal(7, Samples(page, "tributary_collector_source_lines_total")["other"]);
    }

    private static Dictionary<string, double> Samples(string page, string name) => page.Split('\n')
        .Where(l => l.StartsWith(name + "{", StringComparison.Ordinal))
        .ToDictionary(l => l.Split('"')[1], l => double.Parse(l.Split(' ')[^1], CultureInfo.InvariantCulture));
}

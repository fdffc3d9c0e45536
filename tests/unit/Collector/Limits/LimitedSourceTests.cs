using Tributary.Config;
using Tributary.Tests.Unit.Collector.Records.Shaping;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Limits;

public sealed class LimitedSourceTests
{
    [Fact]
    public async Task A_source_that_waits_is_read_slower_loses_nothing_and_holds_up_no_other()
    {
        await using var rig = new CollectorRig();
        rig.Options.Configs = [Limited(new RateLimit { RecordsPerSecond = 200 })];
        var slow = Lines("slow", 400);
        var quick = Lines("quick", 5000);
        rig.Append("slow", string.Concat(slow));
        rig.Append("quick", string.Concat(quick));
        rig.Follow("slow", also: s => s with { Config = "default/shaped" });
        rig.Follow("quick");

        var started = TimeProvider.System.GetTimestamp();
        rig.Start();
        await rig.UntilAsync(() => rig.Records.Count(r => r.Text.StartsWith("quick", StringComparison.Ordinal)) == 5000, "the other source");
        var slowMeanwhile = rig.Records.Count(r => r.Text.StartsWith("slow", StringComparison.Ordinal));
        var took = TimeProvider.System.GetElapsedTime(started);
        Assert.True(slowMeanwhile <= 200 * (1 + took.TotalSeconds) + 1, $"{slowMeanwhile} records in {took}");

        await rig.ExpectAsync(slow.Concat(quick).Select(l => l.TrimEnd('\n')));
        Assert.True(TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(0.9));
    }

    [Fact]
    public async Task A_source_that_drops_keeps_its_rate_and_counts_the_rest()
    {
        await using var rig = new CollectorRig();
        rig.Options.Configs = [Limited(new RateLimit { RecordsPerSecond = 10, Policy = RateLimitPolicy.Drop })];
        rig.Append("a", string.Concat(Lines("a", 3000)));
        rig.Follow("a", also: s => s with { Config = "default/shaped" });

        rig.Start();
        await rig.UntilAsync(() => rig.Tail.Status.Sources is [{ LagBytes: 0, BytesTotal: > 0 }], "the file's end");

        var dropped = rig.Metrics.Total().Dropped["rate_limit"];
        Assert.Equal(3000, dropped + rig.Records.Count);
        Assert.InRange(rig.Records.Count, 10, 300);
    }

    [Fact]
    public async Task Containers_of_one_namespace_share_its_limit()
    {
        await using var rig = new CollectorRig();
        rig.Options.NamespaceRateLimit = new RateLimit { RecordsPerSecond = 10, Policy = RateLimitPolicy.Drop };
        foreach (var name in new[] { "a", "b", "c" })
        {
            rig.Append(name, string.Concat(Lines(name, 1000)));
            rig.Follow(name, also: s => s with { Namespace = name == "c" ? "" : "shop" });
        }

        rig.Start();
        await rig.UntilAsync(() => rig.Tail.Status is { Sources.Count: 3, LagBytes: 0 } status && status.Sources.All(s => s.BytesTotal > 0), "the files' ends");

        Assert.Equal(1000, rig.Records.Count(r => r.Text[0] == 'c'));
        Assert.Equal(2000, rig.Metrics.Total().Dropped["rate_limit"] + rig.Records.Count(r => r.Text[0] != 'c'));
        Assert.InRange(rig.Records.Count(r => r.Text[0] != 'c'), 10, 300);
    }

    private static LogConfig Limited(RateLimit limit) => Shaped.Config("- drop: [{equals: never}]") with { RateLimit = limit };

    private static string[] Lines(string prefix, int count) => [.. Enumerable.Range(0, count).Select(i => $"{prefix} {i}\n")];
}

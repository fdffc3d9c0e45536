using Xunit;

namespace Tributary.Tests.Unit.Collector.Records.Shaping;

/// <summary>Rules on the way from real files to the next hop.</summary>
public sealed class ShapedFilesTests
{
    private const string DropNoise = "- name: noise\n  drop: [{contains: noise}]";

    [Fact]
    public async Task Dropped_records_are_counted_by_rule_and_the_others_arrive()
    {
        await using var rig = Rig(DropNoise);
        rig.Append("a", "one\nnoise 1\ntwo\nnoise 2\n");
        rig.Start();

        await rig.UntilRecordsAsync(2);
        await rig.UntilAsync(() => rig.Metrics.Total().Dropped.GetValueOrDefault("rule:noise") == 2, "the count");
        await rig.ExpectAsync("one", "two");
    }

    [Fact]
    public async Task Dropped_records_alone_move_the_checkpoint_without_a_message()
    {
        await using var rig = Rig(DropNoise);
        rig.Append("a", string.Concat(Enumerable.Range(0, 1000).Select(i => $"noise {i}\n")));
        rig.Start();
        await rig.UntilAsync(() => rig.Tail.Status.Sources is [{ LagBytes: 0, BytesTotal: > 0 }], "the mark");
        Assert.Equal(0, rig.Publisher.AttemptCount);

        // Without the rule, what it dropped would come now if it were read again.
        await rig.StopAsync();
        rig.Options.Configs = [];
        rig.Start();
        rig.Append("a", "after\n");
        await rig.ExpectAsync("after");
    }

    [Fact]
    public async Task A_restart_in_the_middle_samples_the_same_records()
    {
        const string Sample = "- sample: {rate: 1/3}";
        await using var whole = Rig(Sample);
        await using var killed = Rig(Sample);
        var lines = string.Concat(Enumerable.Range(0, 2000).Select(i => $"line {i}\n"));
        whole.Append("a", lines);
        whole.Start();
        await whole.UntilAsync(() => whole.Tail.Status.Sources is [{ LagBytes: 0, BytesTotal: > 0 }], "all");

        // Its own run decides; after a kill what is repeated has the same uids.
        killed.Publisher.Hold = true;
        killed.Append("a", lines);
        killed.Start();
        await killed.UntilAsync(() => killed.Records.Count > 100, "a part");
        await killed.KillAsync();
        var before = killed.Records.Select(r => r.Uid).ToHashSet();
        killed.Start();
        await killed.UntilAsync(() => killed.Tail.Status.Sources is [{ LagBytes: 0, BytesTotal: > 0 }], "all");

        Assert.Superset(before, killed.Publisher.Records.Select(r => r.Uid).ToHashSet());
        Assert.InRange(whole.Records.Count, 550, 780);
    }

    [Fact]
    public async Task Secrets_are_gone_from_what_is_published()
    {
        await using var rig = Rig("- redact: {presets: [creditCard]}");
        rig.Append("a", "paid with 4111 1111 1111 1111\nplain\n");
        rig.Start();

        await rig.ExpectAsync("paid with [redacted]", "plain");
    }

    private static CollectorRig Rig(string rules)
    {
        var rig = new CollectorRig();
        rig.Options.Configs = [Shaped.Config(rules)];
        rig.Follow("a", also: s => s with { Config = "default/shaped" });
        return rig;
    }
}

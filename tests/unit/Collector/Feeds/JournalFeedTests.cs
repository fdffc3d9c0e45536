using Tributary.Collector.Feeds;
using Tributary.Config;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Feeds;

public sealed class JournalFeedTests : IAsyncLifetime
{
    private readonly CollectorRig _rig = new();
    private readonly JournalFile _journal = new();

    [Fact]
    public async Task Entries_come_with_time_severity_unit_and_identifier()
    {
        Configure("");
        await _journal.WriteAsync(("kubelet.service", 3, "cannot\nmount"), ("containerd.service", 6, "ready"));
        _rig.Start();

        await _rig.UntilRecordsAsync(2);
        var first = _rig.Records.Single(r => r.Text == "cannot\nmount");
        Assert.Equal(17, first.Severity);
        Assert.Equal(1_700_000_000_000_001_000u, first.Time);
        Assert.Equal("kubelet.service", first.Attributes["systemd.unit"]);
        Assert.Equal("kubelet", first.Attributes["syslog.identifier"]);
        Assert.Equal("42", first.Attributes["process.pid"]);
        Assert.Equal("system", first.Target);
    }

    [Fact]
    public async Task What_comes_later_is_followed()
    {
        Configure("");
        await _journal.WriteAsync(("a.service", 6, "one"));
        _rig.Start();
        await _rig.UntilRecordsAsync(1);

        await _journal.WriteAsync(("a.service", 6, "two"), ("a.service", 6, "three"));

        await _rig.ExpectAsync("one", "two", "three");
    }

    [Fact]
    public async Task A_restart_goes_on_at_the_cursor()
    {
        Configure("");
        await _journal.WriteAsync(("a.service", 6, "one"), ("a.service", 6, "two"));
        _rig.Start();
        await _rig.UntilRecordsAsync(2);
        await _rig.StopAsync();
        await _journal.WriteAsync(("a.service", 6, "three"));
        _rig.Start();

        await _rig.ExpectAsync("one", "two", "three");
    }

    [Fact]
    public async Task Behind_a_gap_every_entry_comes_and_the_gap_is_counted()
    {
        Configure("");
        await _journal.WriteAsync(("a.service", 6, "one"));
        _rig.Start();
        await _rig.UntilRecordsAsync(1);
        await _rig.StopAsync();
        _journal.Vacuum();
        await _journal.WriteAsync(("a.service", 6, "two"), ("a.service", 6, "three"));
        _rig.Start();

        await _rig.UntilRecordsAsync(3);
        Assert.Equal(1, _rig.Metrics.Total().Dropped["journal_gap"]);
        await _rig.ExpectAsync("one", "two", "three");
    }

    [Fact]
    public async Task From_its_end_a_journal_without_an_entry_is_followed()
    {
        Configure("units: [late.service], start: end, ");
        await _journal.WriteAsync(("a.service", 6, "another unit"));
        _rig.Start();
        await _rig.UntilAsync(() => _rig.Get<FeedSet>().All is [{ Durable: true }], "the feed to be known");

        await _journal.WriteAsync(("late.service", 6, "came"));

        await _rig.ExpectAsync("came");
    }

    [Fact]
    public async Task A_repeat_after_a_kill_has_the_same_uid()
    {
        Configure("");
        _rig.Publisher.Hold = true;
        await _journal.WriteAsync(("a.service", 6, "one"), ("a.service", 6, "two"));
        _rig.Start();
        await _rig.UntilRecordsAsync(2);
        await _rig.KillAsync();
        _rig.Start();
        await _rig.UntilAsync(() => _rig.Records.Count >= 4, "the repeats");

        await _rig.ExpectWithRepeatsAsync("one", "two");
    }

    [Fact]
    public async Task Units_identifiers_and_priority_select()
    {
        Configure("units: [kubelet.service], maxPriority: 4, ");
        await _journal.WriteAsync(("kubelet.service", 4, "wanted"), ("kubelet.service", 5, "not severe enough"), ("cron.service", 3, "another unit"), ("kubelet.service", 0, "wanted too"));
        _rig.Start();

        await _rig.ExpectAsync("wanted", "wanted too");
    }

    [Fact]
    public async Task A_journal_that_is_not_there_is_told_and_harms_no_file()
    {
        _rig.Options.Configs = Read("directory: /nonexistent/journal");
        _rig.Append("a.log", "line\n");
        _rig.Follow("a.log");
        _rig.Start();

        await _rig.UntilRecordsAsync(1);
        await _rig.UntilAsync(() => _rig.Log.Of(Microsoft.Extensions.Logging.LogLevel.Warning).Any(w => w.Contains("/nonexistent/journal", StringComparison.Ordinal)), "the warning");
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _rig.DisposeAsync();
        _journal.Dispose();
    }

    private void Configure(string fields) => _rig.Options.Configs = Read($"{fields}directory: {_journal.Folder}");

    private static IReadOnlyList<LogConfig> Read(string journal)
    {
        var result = ConfigurationReader.ReadText("test.yaml", $$"""
            apiVersion: tributary.io/v1alpha1
            kind: LogConfig
            metadata: {name: system, namespace: ops}
            spec:
              sources:
                - journal: { {{journal}} }
            """);
        Assert.True(result.IsValid, string.Join(" | ", result.Errors));
        return result.Documents!.LogConfigs;
    }
}

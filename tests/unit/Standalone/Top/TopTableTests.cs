using Tributary.Contracts;
using Tributary.Standalone.Top;
using Xunit;

namespace Tributary.Tests.Unit.Standalone.Top;

public sealed class TopTableTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(nameof(TopSort.Lag), "b", "c", "a")]
    [InlineData(nameof(TopSort.Rate), "c", "a", "b")]
    [InlineData(nameof(TopSort.Dropped), "a", "b", "c")]
    [InlineData(nameof(TopSort.Name), "a", "b", "c")]
    public void Sources_come_in_the_order_that_was_asked_for(string sort, params string[] names)
    {
        var before = Status(0, Source("a"), Source("b"), Source("c"));
        var now = Status(2, Source("a", bytes: 2000, dropped: 5), Source("b", lag: 900), Source("c", bytes: 8000, lag: 10));
        var lines = TopTable.Render(before, now, Enum.Parse<TopSort>(sort), 40, 160);
        Assert.Equal(names, lines.Skip(5).Select(l => l.Split(' ')[0]));
    }

    [Fact]
    public void Rates_are_those_between_the_looks()
    {
        var lines = TopTable.Render(Status(0, Source("a", bytes: 1000, lines: 10)), Status(2, Source("a", bytes: 5000, lines: 50)), TopSort.Lag, 40, 160);
        var columns = Columns(lines[^1]);
        Assert.Equal(["a", "default", "following", "0", "B", "0.0", "s", "2.0", "kB", "20", "0", "B", "0"], columns);
    }

    [Fact]
    public void A_collector_that_was_started_anew_has_no_rate_yet()
    {
        var now = Status(2, Source("a", bytes: 5000)) with { StartedAt = s_start.AddSeconds(1) };
        var lines = TopTable.Render(Status(0, Source("a", bytes: 1000)), now, TopSort.Lag, 40, 160);
        Assert.Equal(["0", "B", "0"], Columns(lines[^1])[7..10]);
    }

    [Fact]
    public void What_has_no_room_is_counted_and_no_line_is_too_long()
    {
        var sources = Enumerable.Range(0, 50).Select(i => Source("a-source-with-quite-a-long-name-" + i)).ToArray();
        var now = Status(1, sources) with { SourcesLeftOut = 7 };
        var lines = TopTable.Render(now, now, TopSort.Lag, 20, 80);
        Assert.Equal(20, lines.Count);
        Assert.All(lines, l => Assert.InRange(l.Length, 0, 80));
        Assert.Equal("… and 43 more", lines[^1]);
    }

    [Fact]
    public void A_name_cannot_steer_the_terminal()
    {
        var now = Status(1, Source("evil\u001b[2J\nname") with { Problem = "it\u0007" });
        Assert.DoesNotContain(TopTable.Render(now, now, TopSort.Lag, 40, 160), l => l.Any(char.IsControl));
    }

    private static string[] Columns(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static SourceStatus Source(string name, long lag = 0, long bytes = 0, long lines = 0, long dropped = 0) => new()
    {
        Key = name,
        Name = name,
        Path = "/var/log/" + name,
        Target = "default",
        State = SourceState.Following,
        Files = 1,
        SizeBytes = lag,
        ReadBytes = lag,
        ConfirmedBytes = 0,
        LagBytes = lag,
        LagSeconds = 0,
        BytesTotal = bytes,
        LinesTotal = lines,
        RecordsTotal = lines,
        Dropped = new Dictionary<string, long> { ["noise"] = dropped },
    };

    private static CollectorStatus Status(int second, params SourceStatus[] sources) => new()
    {
        Node = "n1",
        Time = s_start.AddSeconds(second),
        StartedAt = s_start,
        SourceCount = sources.Length,
        OpenFiles = sources.Length,
        LagBytes = 0,
        LagSeconds = 0,
        HeldBytes = 0,
        OldestUnconfirmedSeconds = 0,
        BytesRead = 0,
        Lines = 0,
        Records = 0,
        BatchesConfirmed = 0,
        Sources = sources,
        SourcesLeftOut = 0,
    };
}

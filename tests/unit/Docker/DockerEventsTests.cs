using Tributary.Docker;
using Xunit;

namespace Tributary.Tests.Unit.Docker;

public sealed class DockerEventsTests
{
    [Fact]
    public async Task Events_are_resumed_to_the_nanosecond()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.SendFirst(FakeEngine.Event("start", "a", 1_795_255_200_000_000_007));
        using var client = new DockerClient(engine.Options);
        await using var events = client.EventsAsync(
            1_795_255_100_000_000_001, 1_795_255_300_120_000_000, new Dictionary<string, IReadOnlyList<string>> { ["type"] = ["container"] }).GetAsyncEnumerator();

        Assert.True(await events.MoveNextAsync());

        Assert.Equal(("container", "start", "a", 1_795_255_200_000_000_007), (events.Current.Type, events.Current.Action, events.Current.Actor.ID, events.Current.TimeNano));
        var request = Uri.UnescapeDataString(Assert.Single(engine.Requests, r => r.Contains("/events", StringComparison.Ordinal)));
        Assert.Equal("/v1.41/events?since=1795255100.000000001&until=1795255300.120000000&filters={\"type\":[\"container\"]}", request);
    }

    [Fact]
    public async Task A_stream_that_is_cut_ends_after_its_last_whole_event()
    {
        await using var engine = await FakeEngine.StartAsync();
        var whole = FakeEngine.Event("die", "a", 5);
        engine.SendFirst(whole[..20]);
        engine.SendFirst(whole[20..] + FakeEngine.Event("destroy", "a", 6)[..30]);
        using var client = new DockerClient(engine.Options);
        var seen = new List<DockerEvent>();

        await foreach (var message in client.EventsAsync())
        {
            seen.Add(message);
            engine.CutEvents();
        }

        Assert.Equal(5, Assert.Single(seen).TimeNano);
    }

    [Theory]
    [InlineData("{\"Type\":\n")]
    [InlineData("nonsense\n")]
    public async Task An_event_that_cannot_be_read_is_an_error(string text)
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.SendFirst(text);
        using var client = new DockerClient(engine.Options);
        await using var events = client.EventsAsync().GetAsyncEnumerator();

        await Assert.ThrowsAsync<DockerException>(async () => await events.MoveNextAsync());
    }

    [Fact]
    public async Task An_event_beyond_the_bound_is_an_error()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.SendFirst(new string('x', 3000));
        var options = engine.Options;
        options.EventBytesMax = 2000;
        using var client = new DockerClient(options);
        await using var events = client.EventsAsync().GetAsyncEnumerator();

        await Assert.ThrowsAsync<DockerException>(async () => await events.MoveNextAsync());
    }

    [Fact]
    public async Task Cancelling_ends_a_silent_stream()
    {
        await using var engine = await FakeEngine.StartAsync();
        using var client = new DockerClient(engine.Options);
        using var cancel = new CancellationTokenSource();
        await using var events = client.EventsAsync(cancel: cancel.Token).GetAsyncEnumerator();
        var next = events.MoveNextAsync();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }
}

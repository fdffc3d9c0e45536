using Tributary.Discovery;
using Tributary.Discovery.Containers;
using Tributary.Discovery.Docker;
using Tributary.Docker;
using Tributary.Testing;
using Tributary.Tests.Unit.Docker;
using Xunit;

namespace Tributary.Tests.Unit.Discovery;

public sealed class DockerContainerSourceTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Events_are_subscribed_to_and_then_everything_is_listed()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Containers["a"] = InspectJson.Of("a");
        await using var session = new Session(engine);

        await session.UntilAsync(() => session.Last<FullView>() is { Containers.Count: 1, AfterGap: true }, "the first list");

        await session.UntilAsync(() => engine.Subscribers == 1, "a subscription");
        Assert.Contains(engine.Requests, r => r.Contains("/events?since=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_event_leads_to_a_look_at_its_container()
    {
        await using var engine = await FakeEngine.StartAsync();
        await using var session = new Session(engine);
        await session.UntilAsync(() => engine.Subscribers == 1 && session.Count == 1, "a subscription");

        engine.Containers["b"] = InspectJson.Of("b");
        engine.Send(FakeEngine.Event("start", "b"));
        await session.UntilAsync(() => session.Last<OneContainer>()?.Container.Id == "b", "the started container");

        engine.Containers.Clear();
        engine.Send(FakeEngine.Event("destroy", "b"));
        await session.UntilAsync(() => session.Last<OneGone>()?.Id == "b", "the removed container");
        Assert.Equal(1, engine.Lists);
    }

    [Fact]
    public async Task Events_that_lie_change_nothing()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Containers["a"] = InspectJson.Of("a");
        await using var session = new Session(engine);
        await session.UntilAsync(() => engine.Subscribers == 1 && session.Count == 1, "a subscription");

        engine.Send(FakeEngine.Event("destroy", "a"));
        engine.Send(FakeEngine.Event("destroy", "never-was"));
        engine.Send("""{"Type":"network","Action":"create","Actor":{"ID":"n"} }""" + "\n");
        await session.UntilAsync(() => session.Last<OneContainer>() is not null, "a look");

        Assert.Null(session.Last<OneGone>());
    }

    [Fact]
    public async Task A_failed_list_is_no_report()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Containers["a"] = InspectJson.Of("a");
        engine.ListAnswer = (500, """{"message":"no"}""");
        await using var session = new Session(engine);

        await Assert.ThrowsAsync<DockerException>(() => session.Run);

        Assert.Equal(0, session.Count);
    }

    [Fact]
    public async Task A_container_whose_inspect_fails_stays_as_it_was_known()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Containers["a"] = InspectJson.Of("a");
        engine.Containers["b"] = InspectJson.Of("b");
        await using var session = new Session(engine, list: TimeSpan.FromMilliseconds(150));
        await session.UntilAsync(() => session.Count == 1, "the first list");

        engine.BadInspects["a"] = true;
        await session.UntilAsync(() => session.Count >= 4, "more lists");

        Assert.Equal(["a", "b"], session.Last<FullView>()!.Containers.Select(c => c.Id).Order());
        Assert.Single(session.Log.Lines, l => l.Contains("layer does not exist", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unknown_container_whose_inspect_fails_harms_no_other()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Containers["a"] = InspectJson.Of("a");
        engine.Containers["b"] = InspectJson.Of("b");
        engine.BadInspects["a"] = true;
        await using var session = new Session(engine);

        await session.UntilAsync(() => session.Count == 1, "the list");

        Assert.Equal(["b"], session.Last<FullView>()!.Containers.Select(c => c.Id));
    }

    [Fact]
    public async Task A_container_that_hangs_in_the_engine_holds_up_no_other()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Containers["a"] = InspectJson.Of("a");
        engine.Containers["b"] = InspectJson.Of("b");
        engine.HungInspects["a"] = true;
        await using var session = new Session(engine);

        await session.UntilAsync(() => session.Count == 1, "the list");

        Assert.Equal(["b"], session.Last<FullView>()!.Containers.Select(c => c.Id));
        await session.UntilAsync(() => engine.Subscribers == 1, "a subscription");
        engine.Send(FakeEngine.Event("start", "a"));
        await session.UntilAsync(() => engine.Requests.Count(r => r.EndsWith("/a/json", StringComparison.Ordinal)) == 2, "a look at the one that hangs");
        engine.Send(FakeEngine.Event("start", "b"));
        await session.UntilAsync(() => session.Last<OneContainer>()?.Container.Id == "b", "the other one");
        Assert.False(session.Run.IsCompleted);
    }

    [Fact]
    public async Task An_engine_that_answers_for_no_container_was_not_seen()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Containers["a"] = InspectJson.Of("a");
        engine.HungInspects["a"] = true;
        await using var session = new Session(engine);

        await Assert.ThrowsAsync<DockerException>(() => session.Run);

        Assert.Equal(0, session.Count);
    }

    [Fact]
    public async Task A_list_a_while_later_finds_what_no_event_told()
    {
        await using var engine = await FakeEngine.StartAsync();
        await using var session = new Session(engine, list: TimeSpan.FromMilliseconds(150));
        await session.UntilAsync(() => session.Count == 1, "the first list");

        engine.Containers["a"] = InspectJson.Of("a");

        await session.UntilAsync(() => session.Last<FullView>() is { Containers.Count: 1, AfterGap: false }, "the container");
    }

    [Fact]
    public async Task A_cut_stream_ends_the_session_and_the_next_one_resumes_after_the_last_event()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Containers["a"] = InspectJson.Of("a");
        await using var session = new Session(engine);
        await session.UntilAsync(() => engine.Subscribers == 1 && session.Count == 1, "a subscription");
        engine.Send(FakeEngine.Event("start", "a", 1_700_000_000_000_000_042));
        await session.UntilAsync(() => session.Last<OneContainer>() is not null, "the event");

        engine.CutEvents();
        await session.Run.WaitAsync(s_patience);
        session.Start();
        await session.UntilAsync(() => engine.Subscribers == 1 && session.All.OfType<FullView>().Count(v => v.AfterGap) == 2, "the next session");

        Assert.Contains(engine.Requests, r => r.Contains("since=1700000000.000000042", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_pause_container_of_a_pod_is_none()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Containers["a"] = InspectJson.Of("a", labels: new() { ["io.kubernetes.docker.type"] = "podsandbox" });
        await using var session = new Session(engine);

        await session.UntilAsync(() => session.Count == 1, "the list");

        Assert.Empty(session.Last<FullView>()!.Containers);
    }

    [Fact]
    public void Looks_beyond_the_bound_ask_for_a_list()
    {
        var pending = new PendingLooks(2);
        pending.Add("a");
        pending.Add("b");
        pending.Add("a");
        Assert.True(pending.Changed.IsCompleted);
        Assert.False(pending.TakeAll().Overflowed);
        Assert.False(pending.Changed.IsCompleted);

        pending.Add("a");
        pending.Add("b");
        pending.Add("c");
        var (ids, overflowed) = pending.TakeAll();
        Assert.Equal((2, true), (ids.Count, overflowed));
    }

    /// <summary>A source on a fake engine, and all it reported.</summary>
    private sealed class Session : IAsyncDisposable
    {
        private readonly CancellationTokenSource _cancel = new();
        private readonly List<SourceReport> _reports = [];
        private readonly DiscoveryMetrics _metrics = new();
        private readonly DockerContainerSource _source;

        public Session(FakeEngine engine, TimeSpan? list = null)
        {
            var options = new DiscoveryOptions { Docker = engine.Options, ListInterval = list ?? TimeSpan.FromSeconds(30), InspectTimeout = TimeSpan.FromMilliseconds(500) };
            _source = new DockerContainerSource(
                options, "node-1", new DiscoveryHealth(options, TimeProvider.System), _metrics,
                Log.For<DockerContainerSource>(), TimeProvider.System);
            Start();
        }

        public CapturedLog Log { get; } = new();

        public Task Run { get; private set; } = Task.CompletedTask;

        public int Count => All.Count;

        public IReadOnlyList<SourceReport> All
        {
            get
            {
                lock (_reports)
                {
                    return [.. _reports];
                }
            }
        }

        public void Start() => Run = _source.RunAsync(
            report =>
            {
                lock (_reports)
                {
                    _reports.Add(report);
                }
            },
            _cancel.Token);

        public T? Last<T>()
            where T : SourceReport => All.OfType<T>().LastOrDefault();

        public Task UntilAsync(Func<bool> condition, string what) => Eventually.TrueAsync(condition, s_patience, what);

        public async ValueTask DisposeAsync()
        {
            await _cancel.CancelAsync();
            await Run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _source.Dispose();
            _metrics.Dispose();
        }
    }
}

using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Contracts;
using Tributary.Discovery;
using Tributary.Discovery.Catalog;
using Tributary.Discovery.Publishing;
using Tributary.Testing;
using Tributary.Tests.Unit.Docker;
using Xunit;

namespace Tributary.Tests.Unit.Discovery;

public sealed class PublishingTests
{
    [Fact]
    public async Task A_containers_life_is_published_with_growing_generations()
    {
        await using var engine = await FakeEngine.StartAsync();
        await using var host = await DiscoveryHost.StartAsync(o => o.Docker = engine.Options);
        await host.UntilAsync(() => engine.Subscribers == 1 && host.All<NodeSnapshot>().Count > 0, "the first snapshot");

        engine.Containers["a"] = InspectJson.Of("a", restarts: 1);
        engine.Send(FakeEngine.Event("start", "a"));
        await host.UntilAsync(() => host.All<ContainerStarted>().Count == 1, "started");
        engine.Containers["a"] = InspectJson.Of("a", status: "exited", restarts: 1, finished: "2026-11-21T10:10:00Z");
        engine.Send(FakeEngine.Event("die", "a"));
        await host.UntilAsync(() => host.All<ContainerStopped>().Count == 1, "stopped");
        engine.Containers.Clear();
        engine.Send(FakeEngine.Event("destroy", "a"));
        await host.UntilAsync(() => host.All<ContainerRemoved>().Count == 1, "removed");

        var started = host.All<ContainerStarted>().Single();
        var stopped = host.All<ContainerStopped>().Single();
        var removed = host.All<ContainerRemoved>().Single();
        Assert.Equal((DiscoveryHost.Node, "a", 1), (started.Node, started.ContainerId, started.RestartCount));
        Assert.Equal("/var/lib/docker/containers/a/a-json.log", started.Container.Sources.Single().Path);
        Assert.Equal((ContainerState.Stopped, started.Container.Sources.Single()), (stopped.Container.State, stopped.Container.Sources.Single() with { Streams = started.Container.Sources[0].Streams, Tags = started.Container.Sources[0].Tags }));
        Assert.True(started.Generation < stopped.Generation && stopped.Generation < removed.Generation);
        Assert.Equal(started.Generation, started.Container.Generation);
    }

    [Fact]
    public async Task A_requested_snapshot_arrives_in_chunks()
    {
        await using var engine = await FakeEngine.StartAsync();
        for (var i = 0; i < 250; i++)
        {
            engine.Containers["c" + i] = InspectJson.Of("c" + i);
        }

        await using var host = await DiscoveryHost.StartAsync(o => o.Docker = engine.Options);
        await host.UntilAsync(() => Complete(host).Any(), "the first snapshot");
        var first = Complete(host).First().Key;

        await RequestAsync(host, "another-node");
        await RequestAsync(host, DiscoveryHost.Node);
        await host.UntilAsync(() => Complete(host).Any(s => s.Key != first), "the requested snapshot");

        var chunks = Complete(host).First(s => s.Key != first).OrderBy(c => c.ChunkIndex).ToList();
        Assert.Equal([(0, 3, 100), (1, 3, 100), (2, 3, 50)], chunks.Select(c => (c.ChunkIndex, c.ChunkCount, c.Containers.Count)));
        Assert.Equal(250, chunks.SelectMany(c => c.Containers).Select(c => c.Id).Distinct().Count());
        Assert.Equal(chunks.SelectMany(c => c.Containers).Max(c => c.Generation), chunks[0].Generation);
    }

    [Fact]
    public async Task Nothing_is_said_of_the_whole_node_before_all_of_it_was_seen()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Containers["a"] = InspectJson.Of("a");
        engine.ListAnswer = (500, "{}");
        await using var host = await DiscoveryHost.StartAsync(o => o.Docker = engine.Options);
        await host.UntilAsync(() => engine.Lists >= 2, "two failed lists");
        await RequestAsync(host, DiscoveryHost.Node);
        Assert.False(host.Services.GetRequiredService<DiscoveryHealth>().Ready().Ok);
        Assert.Empty(host.Messages);

        engine.ListAnswer = null;
        await host.UntilAsync(() => host.All<NodeSnapshot>().Count > 0, "the first snapshot");

        Assert.Single(host.All<NodeSnapshot>()[0].Containers);
        Assert.True(host.Services.GetRequiredService<DiscoveryHealth>().Ready().Ok);
    }

    [Fact]
    public async Task An_engine_that_is_away_removes_nothing_and_is_followed_again_when_it_is_back()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Containers["a"] = InspectJson.Of("a");
        await using var host = await DiscoveryHost.StartAsync(o => o.Docker = engine.Options);
        await host.UntilAsync(() => engine.Subscribers == 1 && host.All<NodeSnapshot>().Count == 1, "the first snapshot");

        await engine.StopAsync();
        await host.UntilAsync(() => host.Log.Lines.Any(l => l.Contains("Source docker is lost", StringComparison.Ordinal)), "the loss");
        engine.Containers["b"] = InspectJson.Of("b");
        await engine.ListenAsync();
        await host.UntilAsync(() => host.All<ContainerStarted>().Count == 2 && host.All<NodeSnapshot>().Count == 2, "the new container");

        Assert.Empty(host.All<ContainerRemoved>());
    }

    [Fact]
    public async Task A_container_that_docker_and_the_pod_logs_show_is_one_and_a_lost_source_hides_nothing()
    {
        using var pods = new TempFolder("pods");
        pods.Write("shop_web-0_u1/app/0.log", "");
        await using var engine = await FakeEngine.StartAsync();
        engine.Containers["abc"] = InspectJson.Of("abc", labels: new()
        {
            ["io.kubernetes.pod.namespace"] = "shop",
            ["io.kubernetes.pod.name"] = "web-0",
            ["io.kubernetes.pod.uid"] = "u1",
            ["io.kubernetes.container.name"] = "app",
        });
        await using var host = await DiscoveryHost.StartAsync(o =>
        {
            o.Sources = ["docker", "pods"];
            o.Docker = engine.Options;
            o.PodsRoot = pods;
            o.PodsPollInterval = TimeSpan.FromMilliseconds(50);
        });
        await host.UntilAsync(() => host.All<NodeSnapshot>().Count > 0, "the first snapshot of both");
        var container = Assert.Single(host.All<NodeSnapshot>()[0].Containers);
        Assert.Equal(("u1/app/0", "abc"), (container.Id, container.Attributes["container.id"]));

        await engine.StopAsync();
        pods.Write("shop_web-0_u1/app/1.log", "");
        await host.UntilAsync(() => host.All<ContainerStarted>().Any(s => s.ContainerId == "u1/app/1"), "what the pod logs show");

        Assert.Empty(host.All<ContainerRemoved>());
    }

    [Fact]
    public async Task A_snapshot_is_published_with_every_interval()
    {
        await using var engine = await FakeEngine.StartAsync();
        await using var host = await DiscoveryHost.StartAsync(o =>
        {
            o.Docker = engine.Options;
            o.ListInterval = TimeSpan.FromMilliseconds(150);
        });

        await host.UntilAsync(() => host.All<NodeSnapshot>().Count >= 4, "four snapshots");

        Assert.All(host.All<NodeSnapshot>(), s => Assert.Equal((0, 1, 0), (s.ChunkIndex, s.ChunkCount, s.Containers.Count)));
        Assert.All(host.All<NodeSnapshot>(), s => Assert.True(s.Generation > 0));
    }

    [Fact]
    public async Task What_does_not_fit_the_queue_is_counted_and_a_snapshot_says_it()
    {
        await using var host = await DiscoveryHost.StartAsync(o => o.Docker = new() { Endpoint = new Uri("unix:///nowhere.sock") });
        var metrics = host.Services.GetRequiredService<DiscoveryMetrics>();
        using var coalesced = new CounterTotal(metrics.Meter, "tributary.discovery.events.coalesced");
        var options = new DiscoveryOptions { EventsQueuedMax = 10 };
        var publisher = new LifecyclePublisher(
            host.Services.GetRequiredService<IBus>(), options, "other", metrics, host.Log.For<LifecyclePublisher>(), TimeProvider.System);
        for (var i = 0; i < 25; i++)
        {
            publisher.Enqueue(new ContainerChange(Sample.Info("c" + i) with { Generation = i + 1 }));
        }

        using var cancel = new CancellationTokenSource();
        var run = publisher.RunAsync(() => new NodeState(25, [Sample.Info("all")]), cancel.Token);
        await host.UntilAsync(() => host.All<NodeSnapshot>().Count == 1 && host.All<ContainerStarted>().Count == 10, "the snapshot and what was queued");

        Assert.Equal(15, coalesced.Value);
        Assert.Equal(25, host.All<NodeSnapshot>().Single().Generation);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task A_change_that_could_not_be_published_is_covered_by_a_snapshot()
    {
        var failures = 3;
        await using var engine = await FakeEngine.StartAsync();
        engine.Containers["a"] = InspectJson.Of("a");
        await using var host = await DiscoveryHost.StartAsync(
            o => o.Docker = engine.Options,
            bus => bus.ConfigurePublish(p => p.UseExecute(_ =>
            {
                if (Interlocked.Decrement(ref failures) >= 0)
                {
                    throw new InvalidOperationException("refused");
                }
            })));

        await host.UntilAsync(() => host.All<NodeSnapshot>().Any(s => s.Containers.Count == 1), "a snapshot");
    }

    [Fact]
    public async Task Env_values_and_other_labels_never_leave()
    {
        const string Secret = "hunter2-secret";
        using var pods = new TempFolder("pods");
        await using var engine = await FakeEngine.StartAsync();
        var labels = new Dictionary<string, string>
        {
            ["password"] = Secret,
            ["tributary.password"] = Secret,
            ["tributary.logs.web"] = "stdout",
            ["tributary.logs.bad"] = Secret,
            ["tributary.logs.worse"] = "/" + Secret,
            ["tributary.logs.web.format"] = Secret,
            ["tributary.logs.x"] = "stdout",
            ["tributary.logs.x.target"] = Secret + " with blanks",
            ["tributary.logs.web.tags"] = "team=shop," + Secret,
        };
        string[] env = ["PASSWORD=" + Secret, "tributary_logs_db=" + Secret, "tributary_password=" + Secret, Secret];
        engine.Containers["a"] = InspectJson.Of("a", labels: labels, env: env);
        engine.Containers["b"] = InspectJson.Of("b", labels: labels, env: env, driver: "journald");
        await using var host = await DiscoveryHost.StartAsync(o =>
        {
            o.Docker = engine.Options;
            o.ListInterval = TimeSpan.FromMilliseconds(150);
        });
        await host.UntilAsync(() => host.All<NodeSnapshot>().Any(s => s.Containers.Count == 2), "a snapshot");
        engine.Containers.TryRemove("a", out _);
        engine.BadInspects["b"] = true;
        await host.UntilAsync(() => host.All<ContainerRemoved>().Count == 1, "removed");
        await engine.StopAsync();
        await host.UntilAsync(() => host.Log.Lines.Any(l => l.Contains("is lost", StringComparison.Ordinal)), "the loss");

        Assert.Contains("tributary.logs.bad", host.Json(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, host.Json(), StringComparison.Ordinal);
        Assert.Contains(host.Log.Lines, l => l.Contains("tributary.logs.bad", StringComparison.Ordinal));
        Assert.DoesNotContain(host.Log.Lines, l => l.Contains(Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("docker", "docker")]
    [InlineData("host-files")]
    [InlineData()]
    public async Task Wrong_options_are_refused_before_anything_starts(params string[] sources) =>
        await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => DiscoveryHost.StartAsync(o => o.Sources = sources));

    private static Task RequestAsync(DiscoveryHost host, string node) =>
        host.Services.GetRequiredService<IBus>().Publish(new NodeSnapshotRequested { Node = node, Requester = "test", Time = TimeProvider.System.GetUtcNow() });

    private static IEnumerable<IGrouping<Guid, NodeSnapshot>> Complete(DiscoveryHost host) =>
        host.All<NodeSnapshot>().GroupBy(s => s.SnapshotId).Where(s => s.Count() == s.First().ChunkCount);
}

using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Contracts;
using Tributary.Discovery;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Integration.Discovery;

public sealed class DockerDiscoveryTests(SharedDockerd shared, SharedRabbitMq sharedBroker)
{
    [Fact]
    public async Task Containers_that_live_a_tenth_of_a_second_are_all_found_with_their_log_paths()
    {
        var engine = await shared.GetAsync();
        await using var discovery = await StartAsync(engine);
        await discovery.UntilAsync(() => discovery.All<NodeSnapshot>().Count > 0, "the first snapshot");

        var ids = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ =>
            engine.RunAsync("--network", "none", Dockerd.Busybox, "sh", "-c", "echo alive; sleep 0.1")));
        await discovery.UntilAsync(() => ids.All(id => discovery.All<ContainerStopped>().Any(s => s.ContainerId == id)), "all of them to be told");

        foreach (var id in ids)
        {
            var source = discovery.All<ContainerStopped>().First(s => s.ContainerId == id).Container.Sources.Single();
            Assert.Null(source.Reason);
            Assert.Contains("alive", await File.ReadAllTextAsync(source.Path), StringComparison.Ordinal);
            await engine.RemoveAsync(id);
        }

        await discovery.UntilAsync(() => ids.All(id => discovery.All<ContainerRemoved>().Any(s => s.ContainerId == id)), "their removal to be told");
    }

    [Fact]
    public async Task What_ended_before_discovery_started_is_in_its_first_snapshot()
    {
        var engine = await shared.GetAsync();
        var id = await engine.RunAsync("--network", "none", "--name", "early", Dockerd.Busybox, "true");
        await engine.DockerAsync("wait", id);

        await using var discovery = await StartAsync(engine);
        await discovery.UntilAsync(() => discovery.All<NodeSnapshot>().Count > 0, "the first snapshot");

        var early = discovery.All<NodeSnapshot>()[0].Containers.Single(c => c.Id == id);
        Assert.Equal(("early", ContainerState.Stopped), (early.Name, early.State));
        Assert.True(File.Exists(early.Sources.Single().Path));
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task Another_log_driver_is_told_by_name_and_harms_no_other_container()
    {
        var engine = await shared.GetAsync();
        var unread = await engine.RunAsync("--network", "none", "--name", "localdriver", "--log-driver", "local", Dockerd.Busybox, "true");
        var read = await engine.RunAsync("--network", "none", Dockerd.Busybox, "true");

        await using var discovery = await StartAsync(engine);
        await discovery.UntilAsync(() => discovery.All<NodeSnapshot>().Count > 0, "the first snapshot");

        var containers = discovery.All<NodeSnapshot>()[0].Containers;
        var source = containers.Single(c => c.Id == unread).Sources.Single();
        Assert.Equal("", source.Path);
        Assert.Contains("localdriver", source.Reason, StringComparison.Ordinal);
        Assert.Contains("'local'", source.Reason, StringComparison.Ordinal);
        Assert.Null(containers.Single(c => c.Id == read).Sources.Single().Reason);
        await engine.RemoveAsync(unread);
        await engine.RemoveAsync(read);
    }

    [Fact]
    public async Task A_renamed_and_restarted_container_is_told_anew()
    {
        var engine = await shared.GetAsync();
        await using var discovery = await StartAsync(engine);
        var id = await engine.RunAsync("--network", "none", "--name", "before", Dockerd.Busybox, "sleep", "1000");
        await discovery.UntilAsync(() => discovery.All<ContainerStarted>().Any(s => s.ContainerId == id && s.Container.Sources.Count == 1), "the start");

        await engine.DockerAsync("rename", "before", "after");
        await discovery.UntilAsync(() => discovery.All<ContainerStarted>().Any(s => s.ContainerId == id && s.Container.Name == "after"), "the new name");
        var first = discovery.All<ContainerStarted>().Last(s => s.ContainerId == id).Container.StartedAt;
        await engine.DockerAsync("restart", "--time", "0", "after");
        await discovery.UntilAsync(() => discovery.All<ContainerStarted>().Any(s => s.ContainerId == id && s.Container.StartedAt > first), "the second start");

        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task A_restarted_engine_is_followed_again_and_removes_nothing()
    {
        await using var engine = await Dockerd.StartAsync();
        await engine.ImportBusyboxAsync();
        var before = await engine.RunAsync("--network", "none", Dockerd.Busybox, "true");
        await engine.DockerAsync("wait", before);
        await using var discovery = await StartAsync(engine);
        await discovery.UntilAsync(() => discovery.All<NodeSnapshot>().Count > 0, "the first snapshot");

        await engine.StopAsync();
        await engine.StartAgainAsync();
        var after = await engine.RunAsync("--network", "none", Dockerd.Busybox, "true");
        await discovery.UntilAsync(() => discovery.All<ContainerStopped>().Any(s => s.ContainerId == after), "the container that came after");

        Assert.Empty(discovery.All<ContainerRemoved>());
        Assert.True(discovery.Services.GetRequiredService<DiscoveryHealth>().Ready().Ok);
    }

    [Fact]
    public async Task Over_RabbitMQ_only_this_nodes_listener_hears_of_it_and_a_request_is_answered()
    {
        var engine = await shared.GetAsync();
        var broker = await sharedBroker.GetAsync();
        await using var here = await StartAsync(engine, "here", broker.Uri);
        await using var there = await DiscoveryProcess.StartAsync("there", broker.Uri, o => o.Docker.Endpoint = new Uri("unix:///nowhere.sock"));
        var id = await engine.RunAsync("--network", "none", Dockerd.Busybox, "true");
        await here.UntilAsync(() => here.All<ContainerStopped>().Any(s => s.ContainerId == id), "the container");
        var known = here.All<NodeSnapshot>().Select(s => s.SnapshotId).ToHashSet();

        await there.Services.GetRequiredService<IBus>().Publish(
            new NodeSnapshotRequested { Node = "here", Requester = "test", Time = TimeProvider.System.GetUtcNow() },
            context => context.SetRoutingKey("here"));
        await here.UntilAsync(() => here.All<NodeSnapshot>().Any(s => !known.Contains(s.SnapshotId) && s.Containers.Any(c => c.Id == id)), "the requested snapshot");

        Assert.Empty(there.Messages);
        var arguments = await broker.CtlAsync("list_queues", "--no-table-headers", "name", "durable", "arguments");
        var queue = arguments.Split('\n').Single(l => l.StartsWith(Topology.DiscoveryQueue("here"), StringComparison.Ordinal));
        Assert.Contains("3600000", queue, StringComparison.Ordinal);
        Assert.Contains("10000", queue, StringComparison.Ordinal);
        Assert.Contains("true", queue, StringComparison.Ordinal);
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task With_the_broker_away_discovery_goes_on_and_tells_it_all_when_it_is_there()
    {
        var engine = await shared.GetAsync();
        await using var broker = await RabbitMq.StartAsync();
        await broker.StopAsync();
        await using var discovery = await StartAsync(engine, "broken", broker.Uri);
        await SeesAndTellsAsync();

        await broker.StopAsync();
        await SeesAndTellsAsync();

        async Task SeesAndTellsAsync()
        {
            var id = await engine.RunAsync("--network", "none", Dockerd.Busybox, "true");
            await discovery.UntilAsync(() => Ended(discovery.Services.GetRequiredService<NodeView>().Containers, id), "discovery to see it");
            Assert.True(discovery.Services.GetRequiredService<DiscoveryHealth>().Live().Ok);
            Assert.True(discovery.Services.GetRequiredService<DiscoveryHealth>().Ready().Ok);
            await broker.StartAgainAsync();
            await discovery.UntilAsync(
                () => discovery.All<ContainerStopped>().Any(s => s.ContainerId == id) || discovery.All<NodeSnapshot>().Any(s => Ended(s.Containers, id)),
                "the container to be told");
            await engine.RemoveAsync(id);
        }

        static bool Ended(IEnumerable<ContainerInfo> containers, string id) => containers.Any(c => c.Id == id && c.State == ContainerState.Stopped);
    }

    private static Task<DiscoveryProcess> StartAsync(Dockerd engine, string node = "node-1", Uri? broker = null) =>
        DiscoveryProcess.StartAsync(node, broker, o => o.Docker.Endpoint = engine.Uri);
}

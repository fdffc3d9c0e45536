using Tributary.Docker;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Integration.Discovery;

public sealed class DockerClientTests(SharedDockerd shared)
{
    private static readonly Dictionary<string, IReadOnlyList<string>> s_containers = new() { ["type"] = ["container"] };

    [Fact]
    public async Task A_real_engine_agrees_on_a_version_and_tells_its_time()
    {
        var engine = await shared.GetAsync();
        using var client = new DockerClient(new DockerClientOptions { Endpoint = engine.Uri });

        var ping = await client.PingAsync();

        Assert.True(ping.ApiVersion >= ApiVersion.Oldest);
        Assert.NotNull(ping.Time);
    }

    [Fact]
    public async Task An_exited_container_is_listed_and_inspected_with_its_log_path()
    {
        var engine = await shared.GetAsync();
        using var client = new DockerClient(new DockerClientOptions { Endpoint = engine.Uri });
        var id = await engine.RunAsync("--network", "none", "--name", "exits", "--label", "team=shop", "--env", "COLOUR=green", Dockerd.Busybox, "sh", "-c", "echo hello; exit 3");
        await Eventually.TrueAsync(async () => (await client.InspectContainerAsync(id))?.State.Status == "exited", TimeSpan.FromSeconds(20), "the container to end");

        var container = await client.InspectContainerAsync(id);

        Assert.NotNull(container);
        Assert.Equal((id, "/exits", 3, "json-file", Dockerd.Busybox), (container.ID, container.Name, container.State.ExitCode, container.HostConfig.LogConfig.Type, container.Config.Image));
        Assert.NotNull(container.State.StartedAt);
        Assert.NotNull(container.State.FinishedAt);
        Assert.Contains("COLOUR=green", container.Config.Env);
        Assert.Contains("hello", await File.ReadAllTextAsync(container.LogPath), StringComparison.Ordinal);
        Assert.Contains(await client.ListContainersAsync(all: true), c => c.ID == id && c.State == "exited" && c.Names.Contains("/exits") && c.Labels["team"] == "shop");
        Assert.DoesNotContain(await client.ListContainersAsync(all: false), c => c.ID == id);
        await engine.RemoveAsync(id);
        Assert.Null(await client.InspectContainerAsync(id));
    }

    [Fact]
    public async Task Events_missed_by_a_cut_stream_come_with_the_next_one()
    {
        var engine = await shared.GetAsync();
        using var client = new DockerClient(new DockerClientOptions { Endpoint = engine.Uri });
        var since = (await client.PingAsync()).Time!.Value.ToUnixTimeSeconds() * 1_000_000_000;
        var first = await engine.RunAsync("--network", "none", Dockerd.Busybox, "true");
        var created = await FirstAsync(client, since, first, "create");

        var second = await engine.RunAsync("--network", "none", Dockerd.Busybox, "true");
        var later = await FirstAsync(client, created.TimeNano, second, "create");

        Assert.True(later.TimeNano > created.TimeNano);
        Assert.Equal(created.TimeNano, (await FirstAsync(client, created.TimeNano, first, "create")).TimeNano);
        await engine.RemoveAsync(first);
        await engine.RemoveAsync(second);
    }

    private static async Task<DockerEvent> FirstAsync(DockerClient client, long since, string id, string action)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await foreach (var message in client.EventsAsync(since, filters: s_containers, cancel: limit.Token))
        {
            if (message.Actor.ID == id && message.Action == action)
            {
                return message;
            }
        }

        throw new InvalidOperationException("The stream ended.");
    }
}

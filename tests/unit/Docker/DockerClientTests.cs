using System.Net;
using Tributary.Docker;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Docker;

public sealed class DockerClientTests
{
    [Theory]
    [InlineData("1.41", "1.12", "/v1.41/")]
    [InlineData("1.43", "1.24", "/v1.43/")]
    [InlineData("1.51", "1.24", "/v1.43/")]
    [InlineData("1.52", "1.44", "/v1.44/")]
    public async Task The_newest_version_that_both_speak_is_used(string newest, string oldest, string expected)
    {
        await using var engine = await FakeEngine.StartAsync();
        (engine.ApiVersion, engine.MinApiVersion) = (newest, oldest);
        using var client = new DockerClient(engine.Options);

        await client.ListContainersAsync(all: true);

        Assert.Contains(engine.Requests, r => r == expected + "containers/json?all=true");
    }

    [Fact]
    public async Task An_engine_that_is_too_old_is_refused_with_its_version()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.ApiVersion = "1.9";
        using var client = new DockerClient(engine.Options);

        var e = await Assert.ThrowsAsync<DockerException>(() => client.PingAsync());

        Assert.Contains("1.9", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_no_engine_is_refused()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.ApiVersion = null;
        using var client = new DockerClient(engine.Options);

        await Assert.ThrowsAsync<DockerException>(() => client.PingAsync());
    }

    [Fact]
    public async Task A_restarted_engine_of_another_version_is_agreed_with_anew()
    {
        await using var engine = await FakeEngine.StartAsync();
        using var client = new DockerClient(engine.Options);
        await client.ListContainersAsync(all: false);

        engine.ApiVersion = "1.30";
        await client.PingAsync();
        await client.ListContainersAsync(all: false);

        Assert.Contains(engine.Requests, r => r == "/v1.30/containers/json?all=false");
    }

    [Fact]
    public async Task A_container_that_is_not_there_is_null()
    {
        await using var engine = await FakeEngine.StartAsync();
        using var client = new DockerClient(engine.Options);

        Assert.Null(await client.InspectContainerAsync("nobody"));
    }

    [Fact]
    public async Task A_refused_request_tells_status_path_and_what_the_engine_said()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.BadInspects["x"] = true;
        using var client = new DockerClient(engine.Options);

        var e = await Assert.ThrowsAsync<DockerException>(() => client.InspectContainerAsync("x"));

        Assert.Equal(HttpStatusCode.InternalServerError, e.Status);
        Assert.Equal("/v1.41/containers/x/json", e.Path);
        Assert.Equal("layer does not exist", e.DaemonMessage);
    }

    [Theory]
    [InlineData("[{\"Id\":")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("<html>")]
    public async Task An_answer_that_cannot_be_read_is_an_error_and_no_empty_list(string body)
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.ListAnswer = (200, body);
        using var client = new DockerClient(engine.Options);

        await Assert.ThrowsAsync<DockerException>(() => client.ListContainersAsync(all: true));
    }

    [Fact]
    public async Task An_answer_beyond_the_bound_is_an_error()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.ListAnswer = (200, "[" + new string(' ', 5000) + "]");
        var options = engine.Options;
        options.ResponseBytesMax = 4096;
        using var client = new DockerClient(options);

        await Assert.ThrowsAsync<DockerException>(() => client.ListContainersAsync(all: true));
    }

    [Fact]
    public async Task An_engine_that_does_not_answer_in_time_is_an_error_that_names_the_time()
    {
        await using var engine = await FakeEngine.StartAsync();
        var never = new TaskCompletionSource();
        engine.Delay = never.Task;
        var options = engine.Options;
        options.RequestTimeout = TimeSpan.FromMilliseconds(200);
        using var client = new DockerClient(options);

        var e = await Assert.ThrowsAsync<DockerException>(() => client.PingAsync());

        never.SetResult();
        Assert.Contains("0.2 s", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_socket_says_what_to_do()
    {
        using var folder = new TempFolder("nodocker");
        using var client = new DockerClient(new DockerClientOptions { Endpoint = new Uri("unix://" + folder.Combine("d.sock")) });

        var e = await Assert.ThrowsAsync<DockerException>(() => client.PingAsync());

        Assert.Contains("There is no Docker socket " + folder.Combine("d.sock"), e.Message, StringComparison.Ordinal);
        Assert.Contains("start Docker", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_that_nobody_listens_on_says_so()
    {
        using var folder = new TempFolder("deaf");
        var path = folder.Combine("d.sock");
        using (var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified))
        {
            socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
            using var client = new DockerClient(new DockerClientOptions { Endpoint = new Uri("unix://" + path) });

            var e = await Assert.ThrowsAsync<DockerException>(() => client.PingAsync());

            Assert.Contains("Nobody listens", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_endpoint_of_another_kind_is_refused() =>
        Assert.Throws<DockerException>(() => new DockerClient(new DockerClientOptions { Endpoint = new Uri("ssh://host") }));

    [Fact]
    public async Task What_the_engine_leaves_out_or_sets_to_null_is_empty()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Containers["a"] = """{"Id":"a","Name":null,"LogPath":null,"State":null,"HostConfig":{"LogConfig":null},"Config":{"Env":null,"Labels":null}}""";
        using var client = new DockerClient(engine.Options);

        var container = await client.InspectContainerAsync("a");

        Assert.NotNull(container);
        Assert.Equal("", container.Name);
        Assert.Equal("", container.LogPath);
        Assert.Equal("", container.HostConfig.LogConfig.Type);
        Assert.Empty(container.Config.Env);
        Assert.Empty(container.Config.Labels);
        Assert.Null(container.State.StartedAt);
    }

    [Fact]
    public async Task Everything_that_is_used_is_read()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Containers["a"] = InspectJson.Of("a", labels: new() { ["k"] = "v" }, env: ["A=1"], restarts: 3);
        using var client = new DockerClient(engine.Options);

        var container = await client.InspectContainerAsync("a");

        Assert.NotNull(container);
        Assert.Equal("/web", container.Name);
        Assert.Equal("json-file", container.HostConfig.LogConfig.Type);
        Assert.Equal("/var/lib/docker/containers/a/a-json.log", container.LogPath);
        Assert.Equal(3, container.RestartCount);
        Assert.Equal("v", container.Config.Labels["k"]);
        Assert.Equal(["A=1"], container.Config.Env);
        Assert.Equal(new DateTimeOffset(2026, 11, 21, 10, 0, 0, TimeSpan.Zero).AddTicks(1_234_567), container.State.StartedAt);
        Assert.Null(container.State.FinishedAt);
    }
}

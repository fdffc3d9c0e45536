using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Hosting;
using Tributary.Hosting.Health;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Hosting;

public sealed class HealthTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Health_and_metrics_are_answered_by_a_real_server()
    {
        var health = new FakeHealth();
        var port = FreePort.Next();
        await using var app = Build($"127.0.0.1:{port}", health);
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Timeout };

        await Eventually.TrueAsync(async () => await GetAsync(client, "/healthz/ready") == (HttpStatusCode.OK, "ok\n"), Timeout, "the in-memory bus");
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync(client, "/healthz/live"));

        health.Ready = "no look at the node for 40 s";
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "fake: no look at the node for 40 s\n"), await GetAsync(client, "/healthz/ready"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync(client, "/healthz/live"));

        health.Live = "the tail loop has not ticked for 61 s (limit 60 s)";
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "fake: the tail loop has not ticked for 61 s (limit 60 s)\n"), await GetAsync(client, "/healthz/live"));

        using var metrics = await client.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", metrics.Content.Headers.ContentType?.ToString());
        Assert.Contains("# TYPE ", await metrics.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_listen_address_listens_nowhere()
    {
        await using var app = Build("", new FakeHealth());
        await app.StartAsync();

        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses;

        Assert.Empty(addresses ?? []);
    }

    [Fact]
    public void A_loop_is_late_only_beyond_its_limit()
    {
        var time = new FakeTime(DateTimeOffset.UnixEpoch);
        var tick = new LoopTick("tail", TimeSpan.FromSeconds(60), time);
        Assert.Null(tick.Late());

        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Null(tick.Late());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("the tail loop has not ticked for 61 s (limit 60 s)", tick.Late());

        tick.Tick();
        Assert.Null(tick.Late());
    }

    private static WebApplication Build(string listen, FakeHealth health)
    {
        var builder = ServiceDefaults.CreateBuilder(new NodeOptions { Listen = listen }, TimeSpan.FromSeconds(5));
        builder.Services.AddSingleton<IServiceHealth>(health);
        return builder.BuildWithHealth();
    }

    private static async Task<(HttpStatusCode Status, string Text)> GetAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private sealed class FakeHealth : IServiceHealth
    {
        public string? Live { get; set; }

        public string? Ready { get; set; }

        public string Service => "fake";

        public string? NotLive() => Live;

        public string? NotReady() => Ready;
    }
}

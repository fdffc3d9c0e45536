using System.Net;
using Tributary.Testing;
using Tributary.Tests.E2e.Containers;
using Tributary.Tests.E2e.Delivered;
using Tributary.Tests.E2e.Processes;
using Xunit;

namespace Tributary.Tests.E2e.Guarantees;

public sealed class HealthTests(SharedDockerd sharedEngine)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_noticed = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Each_service_tells_its_health_and_metrics_and_the_broker_changes_readiness_alone()
    {
        var engine = await sharedEngine.GetAsync();
        await using var broker = await RabbitMq.StartAsync();
        await using var pipeline = new Pipeline(broker.Uri, engine.Uri, "health");
        pipeline.Start();
        await pipeline.ReadyAsync();
        foreach (var service in pipeline.All)
        {
            await IsWellAsync(service);
        }

        await BlockedIsReadyAsync();
        foreach (var service in pipeline.All)
        {
            var (status, metrics) = await service.GetAsync("/metrics");
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Contains($"\ntributary_{service.Service.ToLowerInvariant()}_", metrics, StringComparison.Ordinal);
            var complaints = await PromtoolAsync(metrics);
            Assert.True(complaints.Length == 0, $"{service.Service}: promtool complains: {complaints}");
        }

        await broker.StopAsync();
        foreach (var service in pipeline.All)
        {
            await service.AnswersAsync("/healthz/ready", HttpStatusCode.ServiceUnavailable, s_noticed);
            Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/healthz/live")).Status);
        }

        await broker.StartAgainAsync();
        await pipeline.ReadyAsync();
        Assert.All(pipeline.All, service => Assert.False(service.Process.HasExited));

        async Task BlockedIsReadyAsync()
        {
            await using var blocked = new PrintingContainers(engine, new PrintingContainer(50, 300) { Burst = 50 });
            var ledger = new Ledger(blocked.All);
            await blocked.StartAsync();
            blocked.Gates.Open("start");
            await pipeline.ArrivedAsync(ledger, 100, s_patience);
            await broker.SetMemoryAlarmAsync(true);
            blocked.Gates.Open("second", "third");
            await pipeline.UntilAsync(() => Metric(pipeline.Collector, "tributary_collector_oldest_unconfirmed_seconds") > 2, s_patience, "a batch to wait for the blocked broker");
            foreach (var service in pipeline.All)
            {
                await IsWellAsync(service);
            }

            await broker.SetMemoryAlarmAsync(false);
            await pipeline.ArrivedAsync(ledger, ledger.Expected, s_patience);
            ledger.AssertWhole();
        }
    }

    [Fact]
    public async Task Services_start_without_a_broker_say_so_and_collect_when_it_comes()
    {
        var engine = await sharedEngine.GetAsync();
        await using var broker = await RabbitMq.StartAsync();
        await broker.StopAsync();
        var printer = new PrintingContainer(51, 3000);
        await using var containers = new PrintingContainers(engine, printer);
        await containers.StartAsync();
        await using var pipeline = new Pipeline(broker.Uri, engine.Uri, "early");
        pipeline.Start();
        foreach (var service in pipeline.All)
        {
            await service.Process.WaitForLineAsync(line => line.Contains($"127.0.0.1:{broker.Port}", StringComparison.Ordinal), s_patience);
            await service.AnswersAsync("/healthz/live", HttpStatusCode.OK, s_patience);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await service.GetAsync("/healthz/ready")).Status);
            Assert.DoesNotContain(service.Process.Lines, line => line.Contains("guest:guest", StringComparison.Ordinal));
        }

        await broker.StartAgainAsync();
        var ledger = new Ledger([printer]);
        await pipeline.ArrivedAsync(ledger, ledger.Expected, s_patience);

        await pipeline.ReadyAsync();
        ledger.AssertWhole();
    }

    private static async Task IsWellAsync(ServiceProcess service)
    {
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await service.GetAsync("/healthz/live"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await service.GetAsync("/healthz/ready"));
    }

    private static double Metric(ServiceProcess service, string name)
    {
        var metrics = service.GetAsync("/metrics").GetAwaiter().GetResult().Body;
        var line = metrics.Split('\n').Single(l => l.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..]);
    }

    private static async Task<string> PromtoolAsync(string metrics)
    {
        // The metrics go in by a file: promtool reads its standard input alone, and that is bounded here.
        using var folder = new TempFolder("metrics");
        var file = folder.Write("metrics.txt", metrics);
        await using var check = ChildProcess.Start("sh", ["-c", $"'{InstalledProgram.Find("promtool", "prometheus")}' check metrics <'{file}'"]);
        var code = await check.WaitForExitAsync(s_patience);
        return code == 0 ? "" : $"exit code {code}{check.Tail()}";
    }
}

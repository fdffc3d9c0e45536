using Tributary.Testing;
using Tributary.Tests.E2e.Containers;
using Tributary.Tests.E2e.Delivered;
using Tributary.Tests.E2e.Processes;
using Xunit;

namespace Tributary.Tests.E2e.Guarantees;

public sealed class ContainerTests(SharedDockerd sharedEngine, SharedRabbitMq sharedBroker)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Containers_that_end_while_the_collector_is_down_are_collected()
    {
        var engine = await sharedEngine.GetAsync();
        PrintingContainer[] printers = [new(30, 3000) { Burst = 500 }, new(31, 2000), new(32, 2000) { Mixed = true }];
        await using var containers = new PrintingContainers(engine, printers);
        await using var pipeline = await StartAsync("ending");
        var ledger = new Ledger(printers);
        await containers.StartAsync(c => c.Burst > 0);
        containers.Gates.Open("start");
        await pipeline.ArrivedAsync(ledger, 1000, s_patience);

        Assert.Equal(0, await pipeline.Collector.StopAsync());
        containers.Gates.Open("second", "third");
        await containers.StartAsync(c => c.Burst == 0);
        await containers.EndedAsync();
        Assert.Equal(1000, ledger.Take(pipeline.Delivered.TakeNew()).Arrived);
        pipeline.Collector.Start();

        await pipeline.ArrivedAsync(ledger, ledger.Expected, s_patience);
        ledger.AssertWhole();
        Assert.Equal(0, ledger.Repeats);
    }

    [Fact]
    public async Task A_container_restarted_goes_on_where_it_was()
    {
        var engine = await sharedEngine.GetAsync();
        await using var pipeline = await StartAsync("restarting");
        var container = await engine.RunAsync(
            "--network", "none", "--name", "restarted", Dockerd.Busybox, "sh", "-c",
            "runs=$(($(cat /tmp/runs 2>/dev/null || echo 0) + 1)); echo $runs >/tmp/runs; seq 1000 | sed \"s|^|run $runs line |\"");
        try
        {
            var lines = new List<DeliveredRecord>();
            for (var run = 1; run <= 3; run++)
            {
                await engine.DockerAsync("wait", container);
                await pipeline.UntilAsync(() => CountOf(container, pipeline, lines) >= run * 1000, s_patience, $"the lines of run {run}");
                if (run < 3)
                {
                    await engine.DockerAsync("start", container);
                }
            }

            var expected = Enumerable.Range(1, 3).SelectMany(run => Enumerable.Range(1, 1000).Select(n => $"run {run} line {n}"));
            Assert.Equal(expected, lines.Select(l => l.Body));
            Assert.Equal(3000, lines.Select(l => l.Uid).Distinct().Count());
            Assert.Single(lines.Select(l => l.Uid[..l.Uid.IndexOf('-', StringComparison.Ordinal)]).Distinct());
        }
        finally
        {
            await engine.RemoveAsync(container);
        }
    }

    [Fact]
    public async Task Rotation_by_the_docker_daemon_loses_nothing()
    {
        var engine = await sharedEngine.GetAsync();

        // Some 250 KB/s: a rotation about every 0.4 s, of which the engine keeps five files.
        var printer = new PrintingContainer(40, 6000) { Burst = 50, Pause = "0.05", Options = ["--log-opt", "max-size=100k", "--log-opt", "max-file=5"] };
        await using var containers = new PrintingContainers(engine, printer);
        await using var pipeline = await StartAsync("rotating");
        var ledger = new Ledger([printer]);

        containers.Gates.Open("start", "second", "third");
        await containers.StartAsync();
        await pipeline.ArrivedAsync(ledger, ledger.Expected, s_patience);

        ledger.AssertWhole();
        Assert.Equal(0, ledger.Repeats);
        Assert.True(File.Exists(Path.Combine(engine.DataRoot, "containers", printer.Id, printer.Id + "-json.log.4")), "The engine rotated less than was meant.");
    }

    private static int CountOf(string container, Pipeline pipeline, List<DeliveredRecord> lines)
    {
        lines.AddRange(pipeline.Delivered.TakeNew().Where(r => r.ContainerId == container));
        return lines.Count;
    }

    private async Task<Pipeline> StartAsync(string node)
    {
        var pipeline = new Pipeline((await sharedBroker.GetAsync()).Uri, (await sharedEngine.GetAsync()).Uri, node);
        try
        {
            pipeline.Start();
            await pipeline.ReadyAsync();
            return pipeline;
        }
        catch
        {
            await pipeline.DisposeAsync();
            throw;
        }
    }
}

using System.Globalization;
using System.Net;
using Tributary.Testing;
using Tributary.Tests.E2e.Delivered;
using Tributary.Tests.E2e.Processes;
using Xunit;

namespace Tributary.Tests.E2e.Guarantees;

/// <summary>The collector as a process over a real broker that goes away without a word, and its stops and kills under load.</summary>
public sealed class BrokerOutageTests : IDisposable
{
    private const long RssMax = 200L * 1024 * 1024;
    private const int LineBytes = 200;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly TempFolder _logs = new("logs");

    public void Dispose() => _logs.Dispose();

    [Fact]
    [Trait("Scenario", "R37")]
    public async Task A_broker_that_freezes_costs_neither_lines_nor_memory()
    {
        await using var broker = await RabbitMq.StartAsync();
        await RunAsync(broker, broker.Uri, "frozen", broker.Freeze, broker.Resume);
    }

    [Fact]
    [Trait("Scenario", "R37")]
    public async Task A_network_that_swallows_everything_costs_neither_lines_nor_memory()
    {
        await using var broker = await RabbitMq.StartAsync();
        await using var proxy = new SwallowingProxy(broker.Port);
        var uri = new UriBuilder(broker.Uri) { Port = proxy.Port }.Uri;
        await RunAsync(broker, uri, "swallowed", () => proxy.Swallows = true, () => proxy.Swallows = false);
    }

    [Fact]
    [Trait("Scenario", "R17")]
    [Trait("Scenario", "R19")]
    public async Task Stops_under_load_repeat_at_most_a_batch_of_the_file_and_kills_what_was_in_flight()
    {
        await using var broker = await RabbitMq.StartAsync();
        var file = new NumberedFile(_logs.Combine("a.log"), LineBytes);
        await using var pipeline = Pipeline(broker.Uri, "stops");
        pipeline.Shipper.Start();
        for (var stop = 0; stop < 3; stop++)
        {
            pipeline.Collector.Start();
            await pipeline.Collector.ReadyAsync();
            file.Append(40_000);
            await ArrivedAsync(pipeline, file, stop * 40_000 + 1);
            Assert.Equal(0, await pipeline.Collector.StopAsync());
        }

        pipeline.Collector.Start();
        await ArrivedAsync(pipeline, file, file.Written);
        var atStops = file.Repeats;
        for (var kill = 0; kill < 3; kill++)
        {
            file.Append(40_000);
            await ArrivedAsync(pipeline, file, 120_000 + kill * 40_000 + 1);
            await pipeline.Collector.KillAsync();
            pipeline.Collector.Start();
            await pipeline.Collector.ReadyAsync();
        }

        await ArrivedAsync(pipeline, file, file.Written);
        Assert.Equal(0, await pipeline.Collector.StopAsync());
        await Eventually.TrueAsync(async () => await broker.QueueLengthAsync(Contracts.Topology.DefaultQueue) == 0, s_patience, "the queue to be empty");
        file.Take(pipeline.Delivered.TakeNew()).AssertWhole();
        Assert.InRange(atStops, 0, 3 * BatchLines);
        Assert.InRange(file.Repeats - atStops, 0, 3 * 9 * BatchLines);
    }

    /// <summary>Lines in a batch: 1 MiB by default, each line a little longer as a record.</summary>
    private const int BatchLines = 1024 * 1024 / LineBytes;

    private async Task RunAsync(RabbitMq broker, Uri uri, string node, Action away, Action back)
    {
        var file = new NumberedFile(_logs.Combine("a.log"), LineBytes);

        // Uncompressed: what is held in memory is what was read.
        await using var pipeline = Pipeline(uri, node, "--Collector:Codec", "None", "--Collector:WindowBytesMax", "16777216");
        pipeline.Collector.Start();
        pipeline.Shipper.Start();
        await pipeline.Collector.ReadyAsync();
        file.Append(1000);
        await ArrivedAsync(pipeline, file, 1000);

        away();
        file.Append(400_000);
        await pipeline.UntilAsync(() => Metric(pipeline, "tributary_collector_oldest_unconfirmed_seconds") > 15, s_patience, "batches to wait");
        Assert.InRange(Metric(pipeline, "tributary_collector_in_flight_bytes"), 1, 17 * 1024 * 1024);
        Assert.True(Metric(pipeline, "tributary_collector_lag_bytes") > 50_000_000);
        Assert.Equal(HttpStatusCode.OK, (await pipeline.Collector.GetAsync("/healthz/live")).Status);
        back();

        // Live again within a minute of the end.
        await pipeline.ArrivedAsync(file, 1001, TimeSpan.FromSeconds(60));
        await ArrivedAsync(pipeline, file, file.Written);
        var peak = pipeline.Collector.Process.PeakRssBytes;
        Assert.InRange(peak, 1, RssMax);
        Assert.Equal(0, await pipeline.Collector.StopAsync());
        await Eventually.TrueAsync(async () => await broker.QueueLengthAsync(Contracts.Topology.DefaultQueue) == 0, s_patience, "the queue to be empty");
        file.Take(pipeline.Delivered.TakeNew()).AssertWhole();
        TestContext.Current.TestOutputHelper?.WriteLine($"{file.Repeats} repeats, peak RSS {peak >> 20} MiB");
    }

    private Pipeline Pipeline(Uri broker, string node, params string[] settings) => new(
        broker, new Uri("unix:///nowhere"), node,
        ["--Collector:Files:0:Include:0", _logs.Combine("*.log"), "--Collector:Files:0:Format", "Raw", .. settings]);

    private static Task ArrivedAsync(Pipeline pipeline, NumberedFile file, int lines) => pipeline.ArrivedAsync(file, lines, s_patience);

    private static double Metric(Pipeline pipeline, string name)
    {
        var (_, body) = pipeline.Collector.GetAsync("/metrics").GetAwaiter().GetResult();
        var line = body.Split('\n').Single(l => l.StartsWith(name + " ", StringComparison.Ordinal) || l.StartsWith(name + "{", StringComparison.Ordinal));
        return double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }
}

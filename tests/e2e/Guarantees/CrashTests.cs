using Tributary.Testing;
using Tributary.Tests.E2e.Containers;
using Tributary.Tests.E2e.Delivered;
using Tributary.Tests.E2e.Processes;
using Xunit;

namespace Tributary.Tests.E2e.Guarantees;

public sealed class CrashTests(SharedDockerd sharedEngine)
{
    // The stated bound of what one crash may repeat for a target: eight batches of 1 MiB in flight, and what was confirmed
    // since the last checkpoint was written, which is another one here. Of a text the batch holds some more than its bytes.
    private const long RepeatedBytesPerCrash = 9L * 1024 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    [Fact]
    [Trait("Scenario", "R17")]
    [Trait("Scenario", "R37")]
    public async Task Every_line_of_twenty_containers_arrives_though_collector_and_broker_die()
    {
        var ledger = await RunAsync("twenty", Twenty(), UnixSignal.Terminate);

        ledger.AssertWhole();
        Assert.InRange(ledger.RepeatedBytes, 0, 2 * RepeatedBytesPerCrash);
        Assert.InRange(ledger.Repeats, 0, RecordsIn(2 * RepeatedBytesPerCrash, ledger));
        TestContext.Current.TestOutputHelper?.WriteLine(ledger.ToString());
    }

    [Fact]
    public async Task Every_line_arrives_though_the_broker_is_killed()
    {
        PrintingContainer[] containers = [.. Enumerable.Range(0, 6).Select(n => new PrintingContainer(n, 10_000) { Burst = 500, Mixed = n == 1 })];

        var ledger = await RunAsync("killed", containers, UnixSignal.Kill);

        ledger.AssertWhole();
        Assert.InRange(ledger.RepeatedBytes, 0, 2 * RepeatedBytesPerCrash);
        TestContext.Current.TestOutputHelper?.WriteLine(ledger.ToString());
    }

    /// <summary>Six print all at once and live under a second; the others print in bursts, three of them to both streams.</summary>
    private static PrintingContainer[] Twenty() =>
    [
        .. Enumerable.Range(0, 20).Select(n => new PrintingContainer(n, 10_000) { Burst = n < 6 ? 0 : 500, Mixed = n is >= 5 and < 9 }),
    ];

    /// <summary>
    /// The collector is killed when a part has arrived, the broker dies when more has; nobody prints the second third before
    /// the one and the last third before the other, so both happen in the middle. Those that print all at once live and end while
    /// the collector is dead.
    /// </summary>
    private async Task<Ledger> RunAsync(string node, PrintingContainer[] printers, UnixSignal brokersEnd)
    {
        var engine = await sharedEngine.GetAsync();
        await using var broker = await RabbitMq.StartAsync();
        await using var containers = new PrintingContainers(engine, printers);
        await using var pipeline = new Pipeline(broker.Uri, engine.Uri, node);
        var ledger = new Ledger(printers);
        pipeline.Start();
        await pipeline.ReadyAsync();

        await containers.StartAsync(c => c.Burst > 0);
        containers.Gates.Open("start");
        await ArrivedAsync(ledger.Expected / 20);
        await pipeline.Collector.KillAsync();
        var atKill = ledger.Take(pipeline.Delivered.TakeNew()).Arrived;
        containers.Gates.Open("second");
        await containers.StartAsync(c => c.Burst == 0);
        pipeline.Collector.Start();

        await ArrivedAsync(Math.Max(atKill + 1, ledger.Expected / 3));
        await broker.SyncQueueNamesAsync();
        await broker.StopAsync(brokersEnd);
        containers.Gates.Open("third");
        var atStop = ledger.Take(pipeline.Delivered.TakeNew()).Arrived;
        await broker.StartAgainAsync();

        await ArrivedAsync(ledger.Expected);
        await QuietAsync(broker, pipeline, ledger);

        Assert.InRange(atKill, 1, ledger.Expected - 1);
        Assert.InRange(atStop, atKill + 1, ledger.Expected - 1);
        return ledger;

        Task ArrivedAsync(int lines) => pipeline.ArrivedAsync(ledger, lines, s_patience);
    }

    /// <summary>Everything repeated has arrived too: what is published is delivered, and the collector holds nothing.</summary>
    private static async Task QuietAsync(RabbitMq broker, Pipeline pipeline, Ledger ledger)
    {
        Assert.Equal(0, await pipeline.Collector.StopAsync());
        await Eventually.TrueAsync(async () => await broker.QueueLengthAsync(Contracts.Topology.DefaultQueue) == 0, s_patience, "the queue to be empty");
        ledger.Take(pipeline.Delivered.TakeNew());
    }

    private static int RecordsIn(long bytes, Ledger ledger) => (int)(bytes / ledger.BytesPerLine);
}

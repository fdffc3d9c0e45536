using Tributary.Contracts;
using Tributary.Contracts.Batches;
using Tributary.Shipper;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Integration.Shipper;

/// <summary>The shipper on a real RabbitMQ.</summary>
public sealed class QueueDeliveryTests(SharedRabbitMq shared) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(90);

    private readonly TempFolder _folder = new("shipper");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_target_reaches_the_outputs_of_its_routes_and_the_rest_the_default_output()
    {
        var host = await VirtualHost.CreateAsync(await shared.GetAsync());
        var options = Options("a", "b");
        options.Routes.Add(new Route("both", "a"));
        options.Routes.Add(new Route("both", "b"));
        options.Routes.Add(new Route("one", "b"));
        await using var shipper = await ShipperHost.StartAsync(host.Uri, options);
        await using var publisher = await PublisherHost.StartAsync(host.Uri);

        await publisher.PublishAsync(TestBatch.Make("both", 0));
        await publisher.PublishAsync(TestBatch.Make("one", 100, BatchCodec.Gzip));
        await publisher.PublishAsync(TestBatch.Make("nobody", 200, BatchCodec.None));

        await ArriveAsync("a", "both", 0, 10);
        await ArriveAsync("b", "both", 0, 10);
        await ArriveAsync("b", "one", 100, 10);
        await ArriveAsync("default", "nobody", 200, 10);
        Assert.Empty(TestBatch.Numbers(_folder.Combine("a"), "one"));
        Assert.Empty(TestBatch.Numbers(_folder.Combine("default"), "both"));
        Assert.Empty(TestBatch.Numbers(_folder.Combine("default"), "one"));
    }

    [Fact]
    public async Task A_batch_published_before_any_shipper_ever_ran_waits_in_the_default_queue()
    {
        var host = await VirtualHost.CreateAsync(await shared.GetAsync());
        await using var publisher = await PublisherHost.StartAsync(host.Uri);
        await publisher.PublishAsync(TestBatch.Make("early", 0));
        await WaitForQueueAsync(host, 1);

        await using var shipper = await ShipperHost.StartAsync(host.Uri, Options());

        await ArriveAsync("default", "early", 0, 10);
    }

    [Fact]
    public async Task Batches_that_wait_while_the_shipper_restarts_arrive_once_and_in_order()
    {
        var host = await VirtualHost.CreateAsync(await shared.GetAsync());
        var shipper = await ShipperHost.StartAsync(host.Uri, Options());
        await using var publisher = await PublisherHost.StartAsync(host.Uri);
        await publisher.PublishAsync(TestBatch.Make("t", 0));
        await ArriveAsync("default", "t", 0, 10);

        await shipper.StopAsync();
        for (var batch = 1; batch < 20; batch++)
        {
            await publisher.PublishAsync(TestBatch.Make("t", batch * TestBatch.RecordsEach));
        }

        await WaitForQueueAsync(host, 19);
        await using var next = await ShipperHost.StartAsync(host.Uri, Options());

        await ArriveAsync("default", "t", 0, 200);
    }

    [Fact]
    public async Task A_batch_that_cannot_be_written_stays_unacked_and_is_delivered_by_the_next_shipper()
    {
        var host = await VirtualHost.CreateAsync(await shared.GetAsync());
        var blocker = _folder.Write("default/t", "a file where the target's folder should be");
        var shipper = await ShipperHost.StartAsync(host.Uri, Options());
        await using var publisher = await PublisherHost.StartAsync(host.Uri);
        for (var batch = 0; batch < 3; batch++)
        {
            await publisher.PublishAsync(TestBatch.Make("t", batch * TestBatch.RecordsEach));
        }

        await Eventually.TrueAsync(() => shipper.Metrics().Contains("tributary_shipper_write_errors_total", StringComparison.Ordinal), Timeout, "a write to fail");
        await WaitForQueueAsync(host, 3);
        await shipper.StopAsync().WaitAsync(TimeSpan.FromSeconds(15));
        await WaitForQueueAsync(host, 3);

        // What ends with the process outside of a test.
        await host.CloseConnectionsAsync();
        File.Delete(blocker);
        await using var next = await ShipperHost.StartAsync(host.Uri, Options());

        // A message that was given back comes after those that were never begun.
        await Eventually.TrueAsync(() => TestBatch.Numbers(_folder.Combine("default"), "t").Count >= 30, Timeout, "30 records");
        Assert.Equal(Enumerable.Range(0, 30), TestBatch.Numbers(_folder.Combine("default"), "t").Order());
        await WaitForQueueAsync(host, 0);
        var entities = await host.EntitiesAsync();
        Assert.DoesNotContain("Fault", entities, StringComparison.Ordinal);
        Assert.DoesNotContain("_error", entities, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_that_fails_for_a_while_is_made_up_for_without_a_restart()
    {
        var host = await VirtualHost.CreateAsync(await shared.GetAsync());
        var blocker = _folder.Write("default/t", "a file where the target's folder should be");
        await using var shipper = await ShipperHost.StartAsync(host.Uri, Options());
        await using var publisher = await PublisherHost.StartAsync(host.Uri);
        await publisher.PublishAsync(TestBatch.Make("t", 0));
        await Eventually.TrueAsync(() => shipper.Metrics().Contains("tributary_shipper_write_errors_total", StringComparison.Ordinal), Timeout, "a write to fail");

        File.Delete(blocker);

        await ArriveAsync("default", "t", 0, 10);
        await WaitForQueueAsync(host, 0);
    }

    [Theory]
    [InlineData(UnixSignal.Terminate)]
    [InlineData(UnixSignal.Kill)]
    public async Task Nothing_is_lost_when_the_broker_restarts_during_consumption(UnixSignal signal)
    {
        const int Batches = 150;
        await using var broker = await RabbitMq.StartAsync();
        await using var shipper = await ShipperHost.StartAsync(broker.Uri, Options());
        await using var publisher = await PublisherHost.StartAsync(broker.Uri);
        await publisher.PublishAsync(TestBatch.Make("t", 0));
        await broker.SyncQueueNamesAsync();

        var publishing = Task.WhenAll(Enumerable.Range(1, Batches - 1).Select(batch => publisher.PublishAsync(TestBatch.Make("t", batch * TestBatch.RecordsEach))));
        await Eventually.TrueAsync(() => TestBatch.Numbers(_folder.Combine("default"), "t").Count > 100, Timeout, "some batches to arrive");
        await broker.StopAsync(signal);
        await broker.StartAgainAsync();
        await publishing.WaitAsync(Timeout);

        var missing = new List<int>();
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    await shipper.SuperviseAsync();
                    missing = [.. Enumerable.Range(0, Batches * TestBatch.RecordsEach).Except(TestBatch.Numbers(_folder.Combine("default"), "t"))];
                    return missing.Count == 0;
                },
                Timeout,
                "every record to arrive");
        }
        catch (TimeoutException)
        {
            var queues = await broker.CtlAsync("list_queues", "name", "messages_ready", "messages_unacknowledged", "consumers");
            Assert.Fail($"{missing.Count} records are missing, the first are {string.Join(' ', missing.Take(20))}. Not ready: '{shipper.NotReady()}'. Queues:\n{queues}");
        }

        await Eventually.TrueAsync(() => shipper.NotReady().Length == 0, Timeout, "the shipper to be ready again");
    }

    /// <summary>The broker's own count is some seconds old.</summary>
    private static Task WaitForQueueAsync(VirtualHost host, int messages) =>
        Eventually.TrueAsync(async () => await host.QueueLengthAsync(Topology.DefaultQueue) == messages, Timeout, $"{messages} messages in the queue");

    private ShipperOptions Options(params string[] others)
    {
        var options = new ShipperOptions();
        foreach (var name in others.Append(ShipperOptions.DefaultOutput))
        {
            options.Outputs.Add(new OutputOptions(name, OutputType.File, _folder.Combine(name)));
        }

        return options;
    }

    /// <summary>Waits until exactly these numbers are in the target's files, once and in order.</summary>
    private async Task ArriveAsync(string output, string target, int first, int count)
    {
        await Eventually.TrueAsync(() => TestBatch.Numbers(_folder.Combine(output), target).Count >= count, Timeout, $"{count} records of {target} in output {output}");
        Assert.Equal(Enumerable.Range(first, count), TestBatch.Numbers(_folder.Combine(output), target));
    }
}

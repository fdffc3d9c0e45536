using RabbitMQ.Client;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Integration.Collector;

[Collection(OwnBrokerTests.Name)]
public sealed class BrokerFailureTests(OwnBroker own)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    private readonly List<(int Number, string Uid)> _arrived = [];

    [Fact]
    [Trait("Scenario", "R39")]
    public async Task A_full_queue_refuses_and_gets_everything_once_it_is_drained()
    {
        await using var collector = new CollectorHost(own, "full");
        await collector.StartAsync();
        var queue = await own.BindQueueAsync("full", lengthMax: 2);
        collector.Append(0, 20_000);
        await Eventually.TrueAsync(async () => await own.Broker.QueueLengthAsync(queue) >= 2, s_timeout, "a full queue");
        await Eventually.TrueAsync(() => collector.Status.OldestUnconfirmed > TimeSpan.FromSeconds(4), s_timeout, "refused batches to wait");

        // Eight in flight, each about five times by then.
        Assert.InRange(collector.Refused("refused"), 8, 8 * 8);
        Assert.InRange(collector.Status.LagBytes, 10_000, 20_000 * 100);
        await TakeAllAsync(queue, 20_000);
        await collector.StopAsync();
        AssertArrived(20_000, await own.TakeAsync(queue));
    }

    [Theory]
    [InlineData(UnixSignal.Terminate)]
    [InlineData(UnixSignal.Kill)]
    [Trait("Scenario", "R37")]
    public async Task A_broker_that_goes_and_comes_back_gets_everything(UnixSignal signal)
    {
        var target = "restart-" + signal;
        await using var collector = new CollectorHost(own, target);
        await collector.StartAsync();
        var queue = await own.BindQueueAsync(target);
        collector.Append(0, 10_000);
        await TakeAllAsync(queue, 1);
        await own.Broker.SyncQueueNamesAsync();
        await own.Broker.StopAsync(signal);
        collector.Append(10_000, 20_000);
        await Eventually.TrueAsync(() => collector.Status.OldestUnconfirmed > TimeSpan.FromSeconds(1), s_timeout, "batches to wait");
        await own.Broker.StartAgainAsync();
        collector.Append(30_000, 10_000);
        await TakeAllAsync(queue, 40_000);
        await Eventually.TrueAsync(() => collector.Status is { LagBytes: 0, HeldBytes: 0 }, s_timeout, "every confirm");
        await collector.StopAsync();
        AssertArrived(40_000, await own.TakeAsync(queue));
    }

    [Fact]
    [Trait("Scenario", "R38")]
    public async Task A_memory_alarm_holds_batches_back_until_it_is_lifted()
    {
        await using var collector = new CollectorHost(own, "alarm");
        await collector.StartAsync();
        var queue = await own.BindQueueAsync("alarm");
        collector.Append(0, 1000);
        await TakeAllAsync(queue, 1000);
        await own.Broker.SetMemoryAlarmAsync(on: true);
        try
        {
            collector.Append(1000, 20_000);
            await Eventually.TrueAsync(() => collector.Status.OldestUnconfirmed > TimeSpan.FromSeconds(1), s_timeout, "batches to wait");
            Assert.True(collector.Status.LagBytes > 0);
            await Eventually.TrueAsync(() => collector.Alarm.IsBlocked, s_timeout, "the alarm to be seen");
            Assert.Null(collector.NotReady());
        }
        finally
        {
            await own.Broker.SetMemoryAlarmAsync(on: false);
        }

        await TakeAllAsync(queue, 21_000);
        await Eventually.TrueAsync(() => collector.Status is { LagBytes: 0, HeldBytes: 0 }, s_timeout, "every confirm");
        Assert.False(collector.Alarm.IsBlocked);
        Assert.InRange(collector.Alarm.Total, TimeSpan.FromMilliseconds(900), s_timeout);
        await collector.StopAsync();
        AssertArrived(21_000, await own.TakeAsync(queue));
    }

    [Fact]
    public async Task A_batch_that_no_queue_takes_is_returned_and_arrives_when_one_does()
    {
        await using var collector = new CollectorHost(own, "unroutable");
        await collector.StartAsync();
        collector.Append(0, 100);
        await TakeAllAsync(Contracts.Topology.DefaultQueue, 100, "unroutable");
        await using var connection = await own.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeleteAsync(Contracts.Topology.DefaultQueue);
        collector.Append(100, 100);

        // Returned, it is published again, and that declares the queue anew.
        await Eventually.TrueAsync(() => collector.Refused("unroutable") >= 1, s_timeout, "the batch to be returned");
        await TakeAllAsync(Contracts.Topology.DefaultQueue, 200, "unroutable");
        await Eventually.TrueAsync(() => collector.Status is { LagBytes: 0, HeldBytes: 0 }, s_timeout, "every confirm");
        await collector.StopAsync();
        AssertArrived(200, []);
    }

    [Fact]
    public async Task With_the_broker_unreachable_it_starts_and_delivers_when_it_is_there()
    {
        await using var collector = new CollectorHost(own, "late");
        await own.Broker.StopAsync();
        try
        {
            collector.Append(0, 5000);
            await collector.StartAsync();
            await Eventually.TrueAsync(() => collector.Status.OldestUnconfirmed > TimeSpan.FromMilliseconds(500), s_timeout, "batches to wait");
        }
        finally
        {
            await own.Broker.StartAgainAsync();
        }

        // Nobody was bound: it is in the default queue, behind the alternate exchange.
        await TakeAllAsync(Contracts.Topology.DefaultQueue, 5000, "late");
        await collector.StopAsync();
        AssertArrived(5000, []);
    }

    [Fact]
    public async Task After_a_clean_stop_nothing_comes_twice()
    {
        await using var collector = new CollectorHost(own, "clean");
        await collector.StartAsync();
        var queue = await own.BindQueueAsync("clean");
        for (var i = 0; i < 3; i++)
        {
            collector.Append(i * 5000, 5000);
            await TakeAllAsync(queue, i * 5000 + 1);
            await collector.StopAsync();
            await collector.StartAsync();
        }

        await TakeAllAsync(queue, 15_000);
        await collector.StopAsync();
        AssertArrived(15_000, await own.TakeAsync(queue));
        Assert.Equal(15_000, _arrived.Count);
    }

    private Task TakeAllAsync(string queue, int count, string? onlyTarget = null) =>
        Eventually.TrueAsync(
            async () =>
            {
                foreach (var message in (await own.TakeAsync(queue)).Where(m => onlyTarget is null || m.RoutingKey == onlyTarget))
                {
                    _arrived.AddRange(CollectorHost.Numbers(message));
                }

                return _arrived.Select(a => a.Number).Distinct().Count() >= count;
            },
            s_timeout,
            $"{count} lines");

    private void AssertArrived(int count, List<BasicGetResult> rest)
    {
        rest.ForEach(m => _arrived.AddRange(CollectorHost.Numbers(m)));
        Assert.Equal(Enumerable.Range(0, count), _arrived.Select(a => a.Number).Distinct().Order());
        Assert.Equal(count, _arrived.Distinct().Count());
    }
}

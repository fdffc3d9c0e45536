using System.Text;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client.Exceptions;
using Tributary.Contracts;
using Tributary.Hosting;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Integration.Collector;

[Collection(OwnBrokerTests.Name)]
public sealed class ControlQueueTests(OwnBroker own)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_queue_of_a_node_expires_and_is_bounded()
    {
        await using var collector = new CollectorHost(own, "control");
        await collector.StartAsync();
        var queue = Topology.CollectorQueue(collector.Node.Name);
        await Eventually.TrueAsync(async () => await own.Broker.QueueLengthAsync(queue) is not null, s_timeout, "the queue");
        await collector.StopAsync();
        await using var connection = await own.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();

        // An equal declaration passes, any other is refused.
        var arguments = new Dictionary<string, object?> { ["x-expires"] = 3_600_000, ["x-max-length"] = 10_000 };
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments);
        arguments["x-max-length"] = 10_001;
        await Assert.ThrowsAsync<OperationInterruptedException>(() => channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments));
    }

    [Fact]
    public async Task An_event_of_the_node_reaches_its_collector_and_another_nodes_does_not()
    {
        using var logs = new TempFolder("logs");
        await using var collector = new CollectorHost(own, "events");
        await collector.StartAsync();
        var queue = await own.BindQueueAsync("from-container");
        var discovery = new NodeOptions { Name = "discovery", Bus = own.Broker.Uri.ToString() };
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddTributaryBus(discovery);
        using var publisher = builder.Build();
        await publisher.StartAsync();
        var bus = publisher.Services.GetRequiredService<IBus>();
        await Eventually.TrueAsync(async () => await own.Broker.QueueLengthAsync(Topology.CollectorQueue(collector.Node.Name)) is not null, s_timeout, "the queue");

        await PublishAsync(bus, "other-node", Started("other-node", "theirs", logs.Write("theirs.log", Line("theirs"))));

        // The queue may be there before it is bound: repeats of an event are harmless.
        var ours = Started(collector.Node.Name, "ours", logs.Write("ours.log", Line("ours")));
        await Eventually.TrueAsync(
            async () =>
            {
                await PublishAsync(bus, collector.Node.Name, ours);
                return collector.Status.Sources.Count == 1;
            },
            s_timeout,
            "one source");
        await Eventually.TrueAsync(async () => await own.Broker.QueueLengthAsync(queue) is 1, s_timeout, "its lines");
        await publisher.StopAsync();
        await collector.StopAsync();

        var batch = CollectorHost.Batch(Assert.Single(await own.TakeAsync(queue)));
        using var body = batch.Open();
        Assert.Equal(1, batch.Records);
        Assert.Contains("ours", Encoding.UTF8.GetString(body.Span), StringComparison.Ordinal);
    }

    private static Task PublishAsync(IBus bus, string node, ContainerStarted message) =>
        bus.Publish(message, context => context.SetRoutingKey(node));

    private static string Line(string text) => $"{{\"log\":\"{text}\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-21T10:00:00Z\"}}\n";

    private static ContainerStarted Started(string node, string id, string path) => new()
    {
        Node = node,
        ContainerId = id,
        RestartCount = 0,
        Generation = 1,
        Time = default,
        Container = new ContainerInfo
        {
            Id = id,
            Name = id,
            Runtime = "docker",
            State = ContainerState.Running,
            Generation = 1,
            Sources = [new LogSource { Name = "stdout", Path = path, Format = Contracts.LogFormat.Docker, Target = "from-container" }],
        },
    };
}

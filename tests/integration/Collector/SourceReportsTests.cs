using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tributary.Contracts;
using Tributary.Hosting;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Integration.Collector;

/// <summary>What a collector says over the broker to archiver and controller.</summary>
[Collection(OwnBrokerTests.Name)]
public sealed class SourceReportsTests(OwnBroker own)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_stopped_container_is_told_of_once_drained_and_asked_about_before()
    {
        using var logs = new TempFolder("logs");
        var path = logs.Write("c-json.log", "{\"log\":\"one\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-21T10:00:00Z\"}\n");
        await using var collector = new CollectorHost(own, "reports");
        collector.Options.StatusInterval = TimeSpan.FromMilliseconds(200);
        collector.Options.CloseAfterQuiet = TimeSpan.FromMilliseconds(300);
        await collector.StartAsync();
        var node = collector.Node.Name;
        await Eventually.TrueAsync(async () => await own.Broker.QueueLengthAsync(Topology.CollectorQueue(node)) is not null, s_timeout, "the queue");

        var heard = new Heard();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddTributaryBus(new NodeOptions { Name = "archiver", Bus = own.Broker.Uri.ToString() }, new Listener(node, heard));
        using var archiver = builder.Build();
        await archiver.StartAsync();
        var bus = archiver.Services.GetRequiredService<IBus>();

        Assert.Equal((false, 0), Summary(await AskAsync(bus, node, "/nowhere")));
        await bus.Publish(Snapshot(node, path, ContainerState.Running, 1), c => c.SetRoutingKey(node));
        FollowedFiles? answer = null;
        await Eventually.TrueAsync(
            async () => (answer = await AskAsync(bus, node, logs.Path)).Files is [{ ConfirmedOffset: > 0 }], s_timeout, "the file to be confirmed");
        Assert.Equal((true, 1), Summary(answer!));
        var size = new FileInfo(path).Length;
        Assert.Equal((size, size, size, true, "default"), (answer!.Files[0].Size, answer.Files[0].ReadOffset, answer.Files[0].ConfirmedOffset, answer.Files[0].Open, answer.Files[0].Target));
        Assert.Equal((true, 0), Summary(await AskAsync(bus, node, "/nowhere")));
        Assert.Empty(heard.Drained);

        await bus.Publish(Snapshot(node, path, ContainerState.Stopped, 2), c => c.SetRoutingKey(node));
        await Eventually.TrueAsync(() => !heard.Drained.IsEmpty, s_timeout, "the drain");
        var drained = Assert.Single(heard.Drained);
        Assert.Equal((node, "c1", "stdout", path), (drained.Node, drained.ContainerId, drained.Source, drained.Path));
        Assert.Equal((size, 1L, 1L), (drained.Files.Single().FinalOffset, drained.Files.Single().Lines, drained.Files.Single().Records));
        await Eventually.TrueAsync(async () => (await AskAsync(bus, node, logs.Path)).Files is [{ Open: false, Drained: true }], s_timeout, "it to be remembered");
        await Eventually.TrueAsync(() => heard.Statuses.Any(s => s.Node == node && s.Records >= 1 && s.Problem is null), s_timeout, "a status");
        await archiver.StopAsync();
        await collector.StopAsync();
    }

    private static (bool Settled, int Files) Summary(FollowedFiles answer) => (answer.Settled, answer.Files.Count);

    private static async Task<FollowedFiles> AskAsync(IBus bus, string node, string path)
    {
        var client = bus.CreateRequestClient<FollowedFilesRequested>(RequestTimeout.After(s: 30));
        using var request = client.Create(new FollowedFilesRequested { Node = node, Path = path });
        return (await request.GetResponse<FollowedFiles>()).Message;
    }

    private static NodeSnapshot Snapshot(string node, string path, ContainerState state, long generation) => new()
    {
        Node = node,
        SnapshotId = Guid.NewGuid(),
        Generation = generation,
        Time = default,
        ChunkIndex = 0,
        ChunkCount = 1,
        Containers =
        [
            new ContainerInfo
            {
                Id = "c1",
                Name = "web",
                Runtime = "docker",
                State = state,
                Generation = generation,
                Sources = [new LogSource { Name = "stdout", Path = path, Format = Contracts.LogFormat.Docker, Target = "default" }],
            },
        ],
    };

    private sealed class Heard : IConsumer<SourceDrained>, IConsumer<CollectorStatus>
    {
        public ConcurrentQueue<SourceDrained> Drained { get; } = new();

        public ConcurrentQueue<CollectorStatus> Statuses { get; } = new();

        public Task Consume(ConsumeContext<SourceDrained> context)
        {
            Drained.Enqueue(context.Message);
            return Task.CompletedTask;
        }

        public Task Consume(ConsumeContext<CollectorStatus> context)
        {
            Statuses.Enqueue(context.Message);
            return Task.CompletedTask;
        }
    }

    /// <summary>Drains of one node, as its archiver binds them, and the status of all, as a controller does.</summary>
    private sealed class Listener(string node, Heard heard) : IBusPart
    {
        public void Register(IBusRegistrationConfigurator bus)
        {
        }

        public void ConfigureRabbitMq(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator bus) => bus.ReceiveEndpoint($"test.reports.{Guid.NewGuid():N}", endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.AutoDelete = true;
            Bind(endpoint, Topology.SourceDrainedExchange, node);
            Bind(endpoint, Topology.CollectorStatusExchange, "#");
            endpoint.Instance(heard);
        });

        public void ConfigureInMemory(IBusRegistrationContext context, IInMemoryBusFactoryConfigurator bus) => throw new NotSupportedException();

        private static void Bind(IRabbitMqReceiveEndpointConfigurator endpoint, string exchange, string key) => endpoint.Bind(exchange, binding =>
        {
            binding.ExchangeType = "topic";
            binding.RoutingKey = key;
        });
    }
}

using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using Tributary.Collector.Publishing;
using Tributary.Contracts;
using Tributary.Contracts.Batches;
using Tributary.Hosting;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Integration.Collector;

/// <summary>A broker of their own for tests that stop it, raise alarms, or look at the default queue; one test after another.</summary>
[CollectionDefinition(Name)]
public sealed class OwnBrokerTests : ICollectionFixture<OwnBroker>
{
    public const string Name = "own broker";
}

public sealed class OwnBroker : IAsyncLifetime
{
    private RabbitMq _broker = null!;

    public RabbitMq Broker => _broker;

    public async ValueTask InitializeAsync()
    {
        _broker = await RabbitMq.StartAsync();

        // The first publish makes the batch exchange, so that tests can bind to it.
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddTributaryBus(new NodeOptions { Name = "first", Bus = _broker.Uri.ToString() });
        using var host = builder.Build();
        await host.StartAsync();
        await new BrokerPublisher(host.Services.GetRequiredService<IBus>())
            .PublishAsync(LogBatch.Seal("first", "first", 0, BatchCodec.None, [], []), CancellationToken.None);
        await host.StopAsync();
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    public Task<IConnection> ConnectAsync() =>
        new ConnectionFactory { Uri = _broker.Uri, AutomaticRecoveryEnabled = false }.CreateConnectionAsync();

    /// <summary>Binds a new quorum queue to the batch exchange; it refuses beyond <paramref name="lengthMax"/>.</summary>
    public async Task<string> BindQueueAsync(string target, int lengthMax = 0)
    {
        var queue = $"test.{target}.{Guid.NewGuid():N}";
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-overflow"] = "reject-publish" };
        if (lengthMax > 0)
        {
            arguments["x-max-length"] = lengthMax;
        }

        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments);
        await channel.QueueBindAsync(queue, Topology.BatchExchange, target);
        return queue;
    }

    /// <summary>Takes everything that is in the queue now.</summary>
    public async Task<List<BasicGetResult>> TakeAsync(string queue)
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        var taken = new List<BasicGetResult>();
        while (await channel.BasicGetAsync(queue, autoAck: true) is { } message)
        {
            taken.Add(message);
        }

        return taken;
    }
}

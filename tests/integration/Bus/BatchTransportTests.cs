using System.Text;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tributary.Collector.Publishing;
using Tributary.Contracts;
using Tributary.Contracts.Batches;
using Tributary.Hosting;
using Tributary.Testing;
using Tributary.Tests.Integration.Collector;
using Xunit;

namespace Tributary.Tests.Integration.Bus;

[Collection(OwnBrokerTests.Name)]
public sealed class BatchTransportTests(OwnBroker own) : IAsyncLifetime
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    private IHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddTributaryBus(new NodeOptions { Name = "bus-node", Bus = own.Broker.Uri.ToString() });
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    [Theory]
    [InlineData(BatchCodec.None)]
    [InlineData(BatchCodec.Gzip)]
    [InlineData(BatchCodec.Zstd)]
    public async Task A_batch_arrives_byte_equal_with_its_headers(BatchCodec codec)
    {
        var target = "bytes-" + codec;
        var batch = MakeBatch(target, codec);
        var queue = await own.BindQueueAsync(target);
        await PublishAsync(batch);
        var message = Assert.Single(await own.TakeAsync(queue));
        var headers = message.BasicProperties.Headers!.ToDictionary(h => h.Key, h => h.Value is byte[] b ? Encoding.UTF8.GetString(b) : $"{h.Value}");
        Assert.Equal(batch.Body, message.Body.ToArray());
        Assert.Equal(target, message.RoutingKey);
        Assert.True(message.BasicProperties.Persistent);
        Assert.Equal(LogBatch.ContentType, message.BasicProperties.ContentType);
        Assert.Equal(target, headers[BatchHeaders.Target]);
        Assert.Equal("bus-node", headers[BatchHeaders.Node]);
        Assert.Equal("2", headers[BatchHeaders.Records]);
        Assert.Equal(BatchCompression.Name(codec), headers[BatchHeaders.Codec]);
        Assert.Equal(batch.Crc.ToString("x8"), headers[BatchHeaders.Crc]);
        Assert.Equal("0123456789abcdef0123:stdout:0-200:2", headers[BatchHeaders.Sources]);
        using var opened = CollectorHost.Batch(message).Open();
        Assert.Contains("second", Encoding.UTF8.GetString(opened.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_nobody_bound_goes_to_the_default_queue()
    {
        var batch = MakeBatch("nobody", BatchCodec.None);
        await PublishAsync(batch);
        var message = Assert.Single(await own.TakeAsync(Topology.DefaultQueue), m => m.RoutingKey == "nobody");
        Assert.Equal(Topology.BatchExchange, message.Exchange);
        Assert.Equal(batch.Body, message.Body.ToArray());
    }

    [Fact]
    public async Task A_full_queue_is_a_refusal_and_room_is_taken_again()
    {
        var batch = MakeBatch("full-queue", BatchCodec.None);
        var queue = await own.BindQueueAsync("full-queue", lengthMax: 1);
        var refused = await Assert.ThrowsAsync<BatchRefusedException>(async () =>
        {
            // A quorum queue takes a few more than its length until it has noticed.
            for (var i = 0; i < 100; i++)
            {
                await PublishAsync(batch);
            }
        });
        Assert.Equal("refused", refused.Reason);
        await own.TakeAsync(queue);
        await Eventually.TrueAsync(
            async () =>
            {
                await PublishAsync(batch);
                return true;
            },
            s_timeout,
            "the queue to take again");
        Assert.NotEmpty(await own.TakeAsync(queue));
    }

    private Task PublishAsync(LogBatch batch) =>
        new BrokerPublisher(_host.Services.GetRequiredService<IBus>()).PublishAsync(batch, CancellationToken.None).WaitAsync(s_timeout);

    private static LogBatch MakeBatch(string target, BatchCodec codec)
    {
        using var writer = new OtlpBatchWriter();
        writer.BeginSection(OtlpResource.Encode([new(OtlpAttributes.SourceId, "0123456789abcdef0123")]));
        writer.Append(1, 2, 0, 0, "first"u8);
        writer.Append(1, 2, 100, 0, "second"u8);
        writer.EndSection();
        return LogBatch.Seal(target, "bus-node", 2, codec, [new SourceRange("0123456789abcdef0123", "stdout", 0, 200, 2)], writer.Written.Span);
    }
}

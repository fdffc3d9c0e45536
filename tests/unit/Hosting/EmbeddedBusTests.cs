using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Contracts;
using Tributary.Contracts.Batches;
using Tributary.Hosting;
using Tributary.Tests.Unit.Shipper;
using Xunit;

namespace Tributary.Tests.Unit.Hosting;

public sealed class EmbeddedBusTests
{
    [Theory]
    [InlineData(BatchCodec.None)]
    [InlineData(BatchCodec.Zstd)]
    public async Task A_batch_reaches_its_consumer_with_equal_headers_body_and_id(BatchCodec codec)
    {
        var received = new TaskCompletionSource<(Guid? Id, ReceivedBatch Batch)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = ServiceDefaults.CreateBuilder(new NodeOptions { Listen = "" }, TimeSpan.FromSeconds(5), new ReceivingPart(received));
        await using var app = builder.Build();
        await app.StartAsync();
        var (_, request) = TestRequest.Batch("t", "one", "two");
        var sent = LogBatch.Seal("t", "n1", 2, codec, [new("s1", "stdout", 0, 9, 2), new("s2", "", 5, 6, 0)], request);
        var id = NewId.NextGuid();

        await app.Services.GetRequiredService<IBus>().Publish(sent, context =>
        {
            context.Serializer = BatchSerializer.Instance;
            context.MessageId = id;
        });
        var (receivedId, message) = await received.Task.WaitAsync(TimeSpan.FromSeconds(20));
        var batch = message.ToBatch();

        Assert.Equal(id, receivedId);
        Assert.Equal(sent.Body, batch.Body);
        Assert.Equal(sent.Sources, batch.Sources);
        Assert.Equal(sent, batch, new HeaderComparer());
        using var opened = batch.Open();
        Assert.True(opened.Span.SequenceEqual(request));
    }

    private sealed class HeaderComparer : IEqualityComparer<LogBatch>
    {
        public bool Equals(LogBatch? x, LogBatch? y) =>
            (x!.Target, x.Node, x.Records, x.Codec, x.Crc) == (y!.Target, y.Node, y.Records, y.Codec, y.Crc);

        public int GetHashCode(LogBatch obj) => obj.Records;
    }

    private sealed class ReceivingPart(TaskCompletionSource<(Guid? Id, ReceivedBatch Batch)> received) : IBusPart
    {
        public void Register(IBusRegistrationConfigurator bus)
        {
        }

        public void ConfigureRabbitMq(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator bus) => throw new InvalidOperationException();

        public void ConfigureInMemory(IBusRegistrationContext context, IInMemoryBusFactoryConfigurator bus) =>
            bus.ReceiveEndpoint("test", endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.Bind(Topology.BatchExchange);
                endpoint.Handler<ReceivedBatch>(context =>
                {
                    received.TrySetResult((context.MessageId, context.Message));
                    return Task.CompletedTask;
                });
            });
    }
}

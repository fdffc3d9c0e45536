using System.Text;
using RabbitMQ.Client;
using Tributary.Contracts;
using Tributary.Contracts.Batches;
using Tributary.Shipper;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Integration.Shipper;

/// <summary>What is no batch ends in the dead letter queue, whole and with its reason, and stops nobody else.</summary>
public sealed class DeadLetterTests(SharedRabbitMq shared) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = new("shipper");

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("Scenario", "R44")]
    public async Task Every_kind_of_poison_is_dead_lettered_with_its_reason_and_body_while_others_flow()
    {
        var host = await VirtualHost.CreateAsync(await shared.GetAsync());
        var options = new ShipperOptions { Outputs = { new OutputOptions(ShipperOptions.DefaultOutput, OutputType.File, _folder.Combine("default")) } };
        await using var shipper = await ShipperHost.StartAsync(host.Uri, options);
        await using var connection = await host.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        var poison = Poison().ToList();

        await SendGoodAsync(channel, 0);
        foreach (var (p, index) in poison.Select((p, index) => (p, index)))
        {
            await TestBatch.SendAsync(channel, Topology.DefaultQueue, p.Body, p.Headers, p.ContentType);
            await SendGoodAsync(channel, (index + 1) * TestBatch.RecordsEach);
        }

        var dead = new List<BasicGetResult>();
        await Eventually.TrueAsync(
            async () =>
            {
                while (await host.QueueLengthAsync(Topology.DeadLetter) is not null && await channel.BasicGetAsync(Topology.DeadLetter, autoAck: true) is { } message)
                {
                    dead.Add(message);
                }

                return dead.Count >= poison.Count;
            },
            Timeout,
            $"{poison.Count} dead letters");
        foreach (var (p, message) in poison.Zip(dead))
        {
            var reason = Header(message, BatchHeaders.DeadReason);
            Assert.True(reason.Contains(p.Reason, StringComparison.Ordinal), $"{p.Name}: '{reason}' does not contain '{p.Reason}'");
            Assert.InRange(reason.Length, 1, 600);
            Assert.True(message.Body.Span.SequenceEqual(p.Body), p.Name);
            Assert.True(message.BasicProperties.Persistent, p.Name);
        }

        Assert.Equal("t", Header(dead[0], BatchHeaders.Target));
        var expected = Enumerable.Range(0, (poison.Count + 1) * TestBatch.RecordsEach).ToList();
        await Eventually.TrueAsync(() => TestBatch.Numbers(_folder.Combine("default"), "t").Count >= expected.Count, Timeout, "the good batches");
        Assert.Equal(expected, TestBatch.Numbers(_folder.Combine("default"), "t"));
        await Eventually.TrueAsync(async () => await host.QueueLengthAsync(Topology.DefaultQueue) == 0, Timeout, "the queue to be empty");
        var entities = await host.EntitiesAsync();
        Assert.DoesNotContain("_error", entities, StringComparison.Ordinal);
        Assert.DoesNotContain("_skipped", entities, StringComparison.Ordinal);
        Assert.DoesNotContain("Fault", entities, StringComparison.Ordinal);
    }

    private static IEnumerable<PoisonBatch> Poison()
    {
        var good = TestBatch.Make("t", 0);
        var plain = TestBatch.Make("t", 0, BatchCodec.None);
        byte[] cut = [.. plain.Body[..^3]];
        yield return new("bad CRC", good.Body, With(good, BatchHeaders.Crc, "00000000"), "CRC-32C");
        yield return new("bad zstd", [1, 2, 3], TestBatch.Headers(good with { Body = [1, 2, 3], Crc = Crc32C.Compute([1, 2, 3]) }), "zstd");
        yield return new("bad protobuf", cut, TestBatch.Headers(plain with { Body = cut, Crc = Crc32C.Compute(cut) }), "protobuf");
        yield return new("fewer records than stated", plain.Body, With(plain, BatchHeaders.Records, "11"), "11");
        yield return new("empty body", [], TestBatch.Headers(plain with { Body = [], Crc = 0 }), "records");
        yield return new("no headers", good.Body, null, BatchHeaders.Records);
        yield return new("no target", good.Body, With(good, BatchHeaders.Target, null), BatchHeaders.Target);
        yield return new("a target that climbs", good.Body, With(good, BatchHeaders.Target, "../../etc"), BatchHeaders.Target);
        yield return new("unknown codec", good.Body, With(good, BatchHeaders.Codec, "brotli"), "brotli");
        yield return new("bad sources", good.Body, With(good, BatchHeaders.Sources, "nonsense"), "nonsense");
        yield return new("a number as header", good.Body, With(good, BatchHeaders.Crc, 12), BatchHeaders.Crc);
        yield return new("a table as header", good.Body, With(good, BatchHeaders.Crc, new Dictionary<string, object?> { ["a"] = 1 }), BatchHeaders.Crc);
        yield return new("a list as header", good.Body, With(good, BatchHeaders.Target, new List<object?> { 1, "x" }), BatchHeaders.Target);
        yield return new("a huge header", good.Body, With(good, BatchHeaders.Sources, new string('x', 100_000)), "xxx");
        yield return new("a control character in a header", good.Body, With(good, BatchHeaders.Target, "a\u001b[2J"), "a\uFFFD[2J");
        yield return new("no content type", good.Body, TestBatch.Headers(good), "content type", null);
        yield return new("plain text", Encoding.UTF8.GetBytes("hello"), null, "content type", "text/plain");
        yield return new("MassTransit's envelope", Encoding.UTF8.GetBytes("{\"messageType\":[\"urn:message:X\"],\"message\":{}}"), null, "content type", "application/vnd.masstransit+json");
        yield return new("broken envelope", Encoding.UTF8.GetBytes("{"), null, "content type", "application/vnd.masstransit+json");
        yield return new("json", Encoding.UTF8.GetBytes("{}"), TestBatch.Headers(good), "content type", "application/json");
        yield return new("a content type that is none", good.Body, TestBatch.Headers(good), "content type", ";;nonsense//");
    }

    private static Dictionary<string, object?> With(LogBatch batch, string name, object? value)
    {
        var headers = TestBatch.Headers(batch);
        headers[name] = value;
        return headers;
    }

    private static Task SendGoodAsync(IChannel channel, int first)
    {
        var batch = TestBatch.Make("t", first);
        return TestBatch.SendAsync(channel, Topology.DefaultQueue, batch.Body, TestBatch.Headers(batch), LogBatch.ContentType);
    }

    private static string Header(BasicGetResult message, string name) =>
        message.BasicProperties.Headers?[name] is byte[] bytes ? Encoding.UTF8.GetString(bytes) : "";

    private sealed record PoisonBatch(string Name, byte[] Body, Dictionary<string, object?>? Headers, string Reason, string? ContentType = LogBatch.ContentType);
}

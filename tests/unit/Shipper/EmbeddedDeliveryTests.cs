using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Collector.Publishing;
using Tributary.Contracts.Batches;
using Tributary.Hosting;
using Tributary.Shipper;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Shipper;

/// <summary>Collector's publisher and shipper on one in-memory bus.</summary>
public sealed class EmbeddedDeliveryTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly TempFolder _folder = new("embedded");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_publish_completes_when_the_bytes_are_in_the_file_of_every_output()
    {
        await using var app = await StartAsync();
        var publisher = app.Services.GetRequiredService<EmbeddedPublisher>();
        for (var i = 0; i < 50; i++)
        {
            await publisher.PublishAsync(TestRequest.Batch("t", $"{i}").Batch, CancellationToken.None).WaitAsync(Timeout);

            foreach (var output in (string[])["a", "default"])
            {
                Assert.Equal($"{i}", Bodies(output).Last());
            }
        }

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), Bodies("a"));
    }

    [Fact]
    public async Task A_publish_waits_as_long_as_an_output_cannot_write()
    {
        var blocker = _folder.Write("a/t", "a file where the target's folder should be");
        await using var app = await StartAsync();
        var metrics = app.Services.GetRequiredService<Tributary.Hosting.Metrics.MetricsReader>();
        var publish = app.Services.GetRequiredService<EmbeddedPublisher>().PublishAsync(TestRequest.Batch("t", "1").Batch, CancellationToken.None);
        await Eventually.TrueAsync(() => metrics.Render().Contains("tributary_shipper_write_errors_total", StringComparison.Ordinal), Timeout, "a write to fail");
        Assert.False(publish.IsCompleted);

        File.Delete(blocker);

        await publish.WaitAsync(Timeout);
        Assert.Equal(["1"], Bodies("a"));
        Assert.Equal(["1"], Bodies("default"));
    }

    [Fact]
    public async Task An_output_that_cannot_write_holds_up_its_own_target_alone_and_its_batches_stay_in_order()
    {
        var blocker = _folder.Write("a/t", "a file where the target's folder should be");
        await using var app = await StartAsync();
        var publisher = app.Services.GetRequiredService<EmbeddedPublisher>();
        await publisher.PublishAsync(TestRequest.Batch("first", "0").Batch, CancellationToken.None).WaitAsync(Timeout);
        var blocked = new List<Task>();
        for (var i = 0; i < 8; i++)
        {
            blocked.Add(publisher.PublishAsync(TestRequest.Batch("t", $"{i}").Batch, CancellationToken.None));
        }

        for (var i = 0; i < 20; i++)
        {
            await publisher.PublishAsync(TestRequest.Batch("other", $"{i}").Batch, CancellationToken.None).WaitAsync(Timeout);
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), Bodies("default", "other"));
        Assert.DoesNotContain(blocked, publish => publish.IsCompleted);

        File.Delete(blocker);

        await Task.WhenAll(blocked).WaitAsync(Timeout);
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"{i}"), Bodies("a"));
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"{i}"), Bodies("default"));
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_an_output_that_cannot_write()
    {
        _folder.Write("a/t", "a file where the target's folder should be");
        await using var app = await StartAsync();
        var metrics = app.Services.GetRequiredService<Tributary.Hosting.Metrics.MetricsReader>();
        var publish = app.Services.GetRequiredService<EmbeddedPublisher>().PublishAsync(TestRequest.Batch("t", "1").Batch, CancellationToken.None);
        await Eventually.TrueAsync(() => metrics.Render().Contains("tributary_shipper_write_errors_total", StringComparison.Ordinal), Timeout, "a write to fail");

        await app.StopAsync().WaitAsync(Timeout);

        Assert.False(publish.IsCompleted);
    }

    [Fact]
    public async Task A_batch_that_cannot_be_decoded_is_kept_with_its_reason_and_then_confirmed()
    {
        await using var app = await StartAsync();
        var batch = TestRequest.Batch("t", "1").Batch with { Crc = 1 };

        await app.Services.GetRequiredService<EmbeddedPublisher>().PublishAsync(batch, CancellationToken.None).WaitAsync(Timeout);

        var dead = _folder.Combine("state", "shipper", "dead");
        Assert.Equal(batch.Body, await File.ReadAllBytesAsync(Directory.GetFiles(dead, "*.body").Single()));
        var headers = JsonDocument.Parse(await File.ReadAllTextAsync(Directory.GetFiles(dead, "*.json").Single())).RootElement;
        Assert.Contains("CRC-32C", headers.GetProperty(BatchHeaders.DeadReason).GetString(), StringComparison.Ordinal);
        Assert.Equal("t", headers.GetProperty(BatchHeaders.Target).GetString());
    }

    [Fact]
    public async Task A_dead_letter_that_cannot_be_kept_is_not_confirmed_until_it_can()
    {
        var blocker = _folder.Write("state/shipper", "a file where the folder should be");
        await using var app = await StartAsync();
        var metrics = app.Services.GetRequiredService<Tributary.Hosting.Metrics.MetricsReader>();
        var publish = app.Services.GetRequiredService<EmbeddedPublisher>().PublishAsync(TestRequest.Batch("t", "1").Batch with { Crc = 1 }, CancellationToken.None);
        await Eventually.TrueAsync(() => metrics.Render().Contains("tributary_shipper_delivery_errors_total", StringComparison.Ordinal), Timeout, "the dead letter to fail");
        Assert.False(publish.IsCompleted);

        File.Delete(blocker);

        await publish.WaitAsync(Timeout);
        Assert.Single(Directory.GetFiles(_folder.Combine("state", "shipper", "dead"), "*.body"));
    }

    private async Task<WebApplication> StartAsync()
    {
        var options = new ShipperOptions
        {
            Outputs = { new OutputOptions("default", OutputType.File, _folder.Combine("default")), new OutputOptions("a", OutputType.File, _folder.Combine("a")) },
            Routes = { new Route("t", "a"), new Route("t", "default") },
        };
        var node = new NodeOptions { Listen = "", State = _folder.Combine("state") };
        var builder = ServiceDefaults.CreateBuilder(node, TimeSpan.FromSeconds(10), new ShipperBusPart(options), new AnswersPart());
        builder.Services.AddShipper(options);
        builder.Services.AddSingleton<StoredAnswers>();
        builder.Services.AddSingleton<EmbeddedPublisher>();
        var app = builder.Build();
        await app.StartAsync();
        return app;
    }

    private List<string> Bodies(string output, string target = "t") =>
        [.. Directory.GetFiles(_folder.Combine(output, target), "*.ndjson").SelectMany(File.ReadAllLines).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("body").GetString()!)];

    /// <summary>The collector's half of the answer, without its catalogue.</summary>
    private sealed class AnswersPart : IBusPart
    {
        public void Register(IBusRegistrationConfigurator bus)
        {
        }

        public void ConfigureRabbitMq(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator bus) => throw new InvalidOperationException();

        public void ConfigureInMemory(IBusRegistrationContext context, IInMemoryBusFactoryConfigurator bus) =>
            bus.ReceiveEndpoint("answers", endpoint => endpoint.Instance(context.GetRequiredService<StoredAnswers>()));
    }
}

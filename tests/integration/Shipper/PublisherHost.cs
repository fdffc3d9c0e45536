using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Collector.Publishing;
using Tributary.Contracts.Batches;
using Tributary.Hosting;

namespace Tributary.Tests.Integration.Shipper;

/// <summary>The collector's publisher on a bus of its own.</summary>
internal sealed class PublisherHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly BrokerPublisher _publisher;

    private PublisherHost(WebApplication app)
    {
        _app = app;
        _publisher = new BrokerPublisher(app.Services.GetRequiredService<IBus>());
    }

    public static async Task<PublisherHost> StartAsync(Uri bus)
    {
        var node = new NodeOptions { Name = "n1", Bus = bus.ToString(), Listen = "127.0.0.1:0" };
        var app = ServiceDefaults.CreateBuilder(node, TimeSpan.FromSeconds(20)).BuildWithHealth();
        await app.StartAsync();
        return new PublisherHost(app);
    }

    /// <summary>Ends when the broker has confirmed it; what it refuses or returns is sent again, as the collector does.</summary>
    public async Task PublishAsync(LogBatch batch, CancellationToken cancellation = default)
    {
        while (true)
        {
            try
            {
                await _publisher.PublishAsync(batch, cancellation);
                return;
            }
            catch (BatchRefusedException)
            {
                await Task.Delay(50, cancellation);
            }
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

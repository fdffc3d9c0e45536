using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Hosting;
using Tributary.Hosting.Health;
using Tributary.Shipper;
using Tributary.Testing;

namespace Tributary.Tests.Integration.Shipper;

/// <summary>The shipper as its process is composed, in this one.</summary>
internal sealed class ShipperHost : IAsyncDisposable
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60);

    private readonly Uri _bus;
    private readonly ShipperOptions _options;
    private WebApplication _app;
    private bool _stopped;

    private ShipperHost(WebApplication app, Uri bus, ShipperOptions options) => (_app, _bus, _options) = (app, bus, options);

    public static async Task<ShipperHost> StartAsync(Uri bus, ShipperOptions options, bool waitUntilReady = true)
    {
        var host = new ShipperHost(await StartAppAsync(bus, options), bus, options);
        if (waitUntilReady)
        {
            await Eventually.TrueAsync(() => host.NotReady().Length == 0, ReadyTimeout, "the shipper to be ready");
        }

        return host;
    }

    /// <summary>Builds it anew where its bus gave up, as its process does.</summary>
    public async Task SuperviseAsync()
    {
        if (_app.Services.GetRequiredService<BusWatch>().GaveUp)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
            _app = await StartAppAsync(_bus, _options);
        }
    }

    /// <summary>What is not ready; empty when all is.</summary>
    public string NotReady() => string.Concat(_app.Services.GetServices<IServiceHealth>().Select(s => s.NotReady()));

    public string Metrics() => _app.Services.GetRequiredService<Hosting.Metrics.MetricsReader>().Render();

    public async Task StopAsync()
    {
        _stopped = true;
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static async Task<WebApplication> StartAppAsync(Uri bus, ShipperOptions options)
    {
        var node = new NodeOptions { Name = "n1", Bus = bus.ToString(), Listen = "127.0.0.1:0" };
        var builder = ServiceDefaults.CreateBuilder(node, TimeSpan.FromSeconds(20), new ShipperBusPart(options));
        builder.Services.AddShipper(options);
        var app = builder.BuildWithHealth();
        await app.StartAsync();
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
        {
            await StopAsync();
        }
    }
}

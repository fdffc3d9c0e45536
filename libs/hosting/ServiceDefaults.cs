using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tributary.Hosting.Health;
using Tributary.Hosting.Metrics;

namespace Tributary.Hosting;

/// <summary>What every service process has: logging, metrics, health, the bus, a bounded stop.</summary>
public static class ServiceDefaults
{
    /// <summary>A web host that serves health and metrics only, at <see cref="NodeOptions.Listen"/>.</summary>
    /// <exception cref="FormatException">An address is malformed.</exception>
    public static WebApplicationBuilder CreateBuilder(NodeOptions node, TimeSpan shutdownTimeout, params IReadOnlyList<IBusPart> parts)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // Its warnings are a stack trace per connection attempt; BusWatch says the same in a line.
        builder.Logging.AddFilter("MassTransit", LogLevel.Error);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (node.Listen.Length > 0)
            {
                kestrel.Listen(ParseEndPoint(node.Listen));
            }
        });
        if (node.Listen.Length == 0)
        {
            builder.Services.AddSingleton<IServer, NoServer>();
        }

        builder.Services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = shutdownTimeout;
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.StopHost;
        });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(node);
        builder.Services.AddSingleton<MetricsReader>();
        builder.Services.AddSingleton<IServiceHealth, BusHealth>();
        builder.Services.AddTributaryBus(node, parts);
        builder.Services.AddSingleton<BusWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<BusWatch>());
        return builder;
    }

    /// <summary>Builds the application with its health endpoints mapped.</summary>
    public static WebApplication BuildWithHealth(this WebApplicationBuilder builder)
    {
        var app = builder.Build();
        app.MapTributaryHealth();
        return app;
    }

    /// <summary>Whether nothing listens at <paramref name="listen"/> yet.</summary>
    public static bool IsFree(string listen)
    {
        try
        {
            using var probe = new TcpListener(ParseEndPoint(listen));
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>A loopback port that nothing listened on a moment ago.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <exception cref="FormatException">Not <c>address:port</c>.</exception>
    public static IPEndPoint ParseEndPoint(string listen)
    {
        var text = listen.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase) ? "127.0.0.1:" + listen[10..]
            : listen.StartsWith(':') ? "0.0.0.0" + listen
            : listen;
        // Without brackets an IPv6 address would swallow the port.
        var colon = text.LastIndexOf(':');
        return colon > 0 && colon < text.Length - 1 && IPEndPoint.TryParse(text, out var endPoint)
            && (endPoint.AddressFamily == AddressFamily.InterNetwork || text[colon - 1] == ']')
            ? endPoint
            : throw new FormatException($"listen address '{listen}' is not address:port (such as 127.0.0.1:8080).");
    }
}

using System.Collections.Concurrent;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tributary.Contracts;
using Tributary.Discovery;
using Tributary.Hosting;
using Tributary.Testing;

namespace Tributary.Tests.Unit.Discovery;

/// <summary>Discovery as it runs, on the in-memory bus, with everything that it publishes and logs.</summary>
internal sealed class DiscoveryHost : IAsyncDisposable
{
    public const string Node = "node-1";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private readonly TempFolder _state = new("discovery");
    private readonly IHost _host;

    private DiscoveryHost(Action<DiscoveryOptions> configure, Action<IInMemoryBusFactoryConfigurator>? bus)
    {
        var node = new NodeOptions { Name = Node, State = _state };
        var part = new DiscoveryBusPart(node);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(Log);
        builder.Services.AddMassTransit(x =>
        {
            part.Register(x);
            x.UsingInMemory((context, cfg) =>
            {
                bus?.Invoke(cfg);
                part.ConfigureInMemory(context, cfg);
                cfg.ReceiveEndpoint("listener", endpoint =>
                {
                    Keep<ContainerStarted>(endpoint);
                    Keep<ContainerStopped>(endpoint);
                    Keep<ContainerRemoved>(endpoint);
                    Keep<NodeSnapshot>(endpoint);
                });
            });
        });
        builder.Services.AddDiscovery(node, configure);
        _host = builder.Build();
    }

    public CapturedLog Log { get; } = new();

    public ConcurrentQueue<object> Messages { get; } = new();

    public IServiceProvider Services => _host.Services;

    public static async Task<DiscoveryHost> StartAsync(Action<DiscoveryOptions> configure, Action<IInMemoryBusFactoryConfigurator>? bus = null)
    {
        var host = new DiscoveryHost(configure, bus);
        try
        {
            await host._host.StartAsync();
            return host;
        }
        catch
        {
            host._host.Dispose();
            host._state.Dispose();
            throw;
        }
    }

    public IReadOnlyList<T> All<T>() => [.. Messages.OfType<T>()];

    /// <summary>Every message as it stands on the bus.</summary>
    public string Json() => string.Join('\n', Messages.Select(m => JsonSerializer.Serialize(m, m.GetType())));

    public Task UntilAsync(Func<bool> condition, string what) => Eventually.TrueAsync(condition, s_patience, what);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _state.Dispose();
    }

    private void Keep<T>(IReceiveEndpointConfigurator endpoint)
        where T : class =>
        endpoint.Handler<T>(context =>
        {
            Messages.Enqueue(context.Message);
            return Task.CompletedTask;
        });
}

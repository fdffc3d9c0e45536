using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tributary.Contracts;
using Tributary.Discovery;
using Tributary.Hosting;
using Tributary.Testing;

namespace Tributary.Tests.Integration.Discovery;

/// <summary>Discovery as it runs, on RabbitMQ or in memory, with a listener that keeps what arrives.</summary>
internal sealed class DiscoveryProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly TempFolder _state = new("discovery");
    private readonly IHost _host;

    private DiscoveryProcess(string nodeName, Uri? broker, Action<DiscoveryOptions> configure)
    {
        var node = new NodeOptions { Name = nodeName, State = _state };
        var part = new DiscoveryBusPart(node);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMassTransit(x =>
        {
            part.Register(x);
            if (broker is null)
            {
                x.UsingInMemory((context, bus) =>
                {
                    part.ConfigureInMemory(context, bus);
                    bus.ReceiveEndpoint("listener", Listen);
                });
            }
            else
            {
                x.UsingRabbitMq((context, bus) =>
                {
                    bus.Host(broker);
                    Direct<ContainerStarted>(bus, Topology.ContainerStartedExchange);
                    Direct<ContainerStopped>(bus, Topology.ContainerStoppedExchange);
                    Direct<ContainerRemoved>(bus, Topology.ContainerRemovedExchange);
                    Direct<NodeSnapshot>(bus, Topology.NodeSnapshotExchange);
                    Direct<NodeSnapshotRequested>(bus, Topology.NodeSnapshotRequestedExchange);
                    part.ConfigureRabbitMq(context, bus);
                    bus.ReceiveEndpoint("listener-" + nodeName, endpoint =>
                    {
                        endpoint.ConfigureConsumeTopology = false;
                        foreach (var exchange in new[] { Topology.ContainerStartedExchange, Topology.ContainerStoppedExchange, Topology.ContainerRemovedExchange, Topology.NodeSnapshotExchange })
                        {
                            endpoint.Bind(exchange, binding =>
                            {
                                binding.ExchangeType = "direct";
                                binding.RoutingKey = nodeName;
                            });
                        }

                        Listen(endpoint);
                    });
                });
            }
        });
        builder.Services.AddDiscovery(node, configure);
        _host = builder.Build();
    }

    public ConcurrentQueue<object> Messages { get; } = new();

    public IServiceProvider Services => _host.Services;

    public static async Task<DiscoveryProcess> StartAsync(string node, Uri? broker, Action<DiscoveryOptions> configure)
    {
        var process = new DiscoveryProcess(node, broker, configure);
        try
        {
            await process._host.StartAsync();
            return process;
        }
        catch
        {
            process._host.Dispose();
            process._state.Dispose();
            throw;
        }
    }

    public IReadOnlyList<T> All<T>() => [.. Messages.OfType<T>()];

    public Task UntilAsync(Func<bool> condition, string what) => Eventually.TrueAsync(condition, s_patience, what);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _state.Dispose();
    }

    private static void Direct<T>(IRabbitMqBusFactoryConfigurator bus, string exchange)
        where T : class
    {
        bus.Message<T>(m => m.SetEntityName(exchange));
        bus.Publish<T>(p => p.ExchangeType = "direct");
    }

    private void Listen(IReceiveEndpointConfigurator endpoint)
    {
        Keep<ContainerStarted>(endpoint);
        Keep<ContainerStopped>(endpoint);
        Keep<ContainerRemoved>(endpoint);
        Keep<NodeSnapshot>(endpoint);
    }

    private void Keep<T>(IReceiveEndpointConfigurator endpoint)
        where T : class =>
        endpoint.Handler<T>(context =>
        {
            Messages.Enqueue(context.Message);
            return Task.CompletedTask;
        });
}

using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Tributary.Hosting;

/// <summary>One bus for the process: RabbitMQ, or in memory when everything runs in this process.</summary>
public static class BusSetup
{
    /// <summary>A connection that swallows everything is given up after about twice this.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    /// <summary>The hosted bus starts even where the broker is unreachable, and goes on trying.</summary>
    public static IServiceCollection AddTributaryBus(this IServiceCollection services, NodeOptions node, params IReadOnlyList<IBusPart> parts)
    {
        services.Configure<MassTransitHostOptions>(options =>
        {
            options.WaitUntilStarted = false;
            options.StopTimeout = TimeSpan.FromSeconds(2);
        });
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            foreach (var part in parts)
            {
                part.Register(bus);
            }

            if (node.IsEmbedded)
            {
                bus.UsingInMemory((context, cfg) =>
                {
                    BusTopology.Apply(cfg);
                    AddBatchSerializer(cfg);
                    foreach (var part in parts)
                    {
                        part.ConfigureInMemory(context, cfg);
                    }
                });
            }
            else
            {
                bus.UsingRabbitMq((context, cfg) =>
                {
                    cfg.Host(BusAddress.Parse(node.Bus), "tributary@" + node.Name, host => host.Heartbeat(Heartbeat));
                    BusTopology.Apply(cfg);
                    AddBatchSerializer(cfg);
                    foreach (var part in parts)
                    {
                        part.ConfigureRabbitMq(context, cfg);
                    }
                });
            }
        });
        return services;
    }

    private static void AddBatchSerializer(IBusFactoryConfigurator bus)
    {
        bus.AddSerializer(BatchSerializer.Instance, isSerializer: false);
        bus.AddDeserializer(BatchSerializer.Instance);
    }
}

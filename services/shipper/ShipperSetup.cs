using Microsoft.Extensions.DependencyInjection;
using Tributary.Hosting.Health;
using Tributary.Shipper.Consuming;
using Tributary.Shipper.Outputs;

namespace Tributary.Shipper;

/// <summary>The one place with the shipper's registrations.</summary>
public static class ShipperSetup
{
    /// <exception cref="ArgumentException">Two outputs share a name, a route names an output that does not exist, or there is no default output.</exception>
    public static IServiceCollection AddShipper(this IServiceCollection services, ShipperOptions options)
    {
        var names = options.Outputs.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var missing in options.Routes.Select(r => r.Output).Append(ShipperOptions.DefaultOutput).Where(n => !names.Contains(n)))
        {
            throw new ArgumentException($"There is no output called '{missing}'.", nameof(options));
        }

        if (options.Outputs.CountBy(o => o.Name).FirstOrDefault(n => n.Value > 1) is { Value: > 1 } twice)
        {
            throw new ArgumentException($"There are {twice.Value} outputs called '{twice.Key}'.", nameof(options));
        }

        services.AddSingleton(options);
        services.AddSingleton<ShipperMetrics>();
        services.AddSingleton<OutputSet>();
        services.AddHostedService<OutputStart>();
        services.AddSingleton<DeadLetter>();
        services.AddSingleton<BatchDelivery>();
        services.AddSingleton<TargetQueues>();
        services.AddHostedService(provider => provider.GetRequiredService<TargetQueues>());
        services.AddSingleton<IServiceHealth, ShipperHealth>();
        return services;
    }
}

using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tributary.Discovery.Catalog;
using Tributary.Discovery.Containers;
using Tributary.Discovery.Declarations;
using Tributary.Discovery.Docker;
using Tributary.Discovery.Pods;
using Tributary.Discovery.Publishing;
using Tributary.Hosting;
using Tributary.Hosting.Health;

namespace Tributary.Discovery;

/// <summary>Everything that discovery registers. The bus is added beside it, with <see cref="DiscoveryBusPart"/> as one of its parts.</summary>
internal static class DiscoverySetup
{
    public static IServiceCollection AddDiscovery(
        this IServiceCollection services, NodeOptions node, Action<DiscoveryOptions>? configure = null)
    {
        services.TryAddSingleton(node);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IValidateOptions<DiscoveryOptions>, DiscoveryOptionsValidator>();
        services.AddOptions<DiscoveryOptions>()
            .Configure(configure ?? (_ => { }))
            .Validate(
                o => o.Sources.All(s => s is SourceNames.Docker or SourceNames.Pods) && o.Sources.Distinct().Count() == o.Sources.Count,
                "Sources: each is 'docker' or 'pods', and named once.")
            .ValidateOnStart();
        services.AddSingleton(sp => sp.GetRequiredService<IOptions<DiscoveryOptions>>().Value);
        services.AddSingleton<DiscoveryMetrics>();
        services.AddSingleton<DiscoveryHealth>();
        services.AddSingleton<IServiceHealth, DiscoveryServiceHealth>();
        AddView(services, node);
        services.AddSingleton(sp => new LifecyclePublisher(
            sp.GetRequiredService<IBus>(), Options(sp), node.Name, sp.GetRequiredService<DiscoveryMetrics>(),
            sp.GetRequiredService<ILogger<LifecyclePublisher>>(), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton(sp => ActivatorUtilities.CreateInstance<DiscoveryLoop>(sp, Sources(sp, node.Name)));
        services.AddHostedService(sp => sp.GetRequiredService<DiscoveryLoop>());
        return services;
    }

    private static void AddView(IServiceCollection services, NodeOptions node)
    {
        services.AddSingleton(new GenerationFile(Path.Combine(Path.GetFullPath(node.State), "discovery", "generation")));
        services.AddSingleton<GenerationClock>();
        services.AddSingleton(sp => new ContainerCatalog(Options(sp).Sources, sp.GetRequiredService<GenerationClock>().Next));
        services.AddSingleton(sp => new RuleSet(Options(sp).Rules, sp.GetRequiredService<ILogger<RuleSet>>()));
        services.AddSingleton(sp => new TargetQuota(
            Options(sp).TargetsPerNamespaceMax, sp.GetRequiredService<DiscoveryMetrics>(), sp.GetRequiredService<ILogger<TargetQuota>>()));
        services.AddSingleton(sp => new SourceResolver(
            Options(sp).Collect, Options(sp).Prefixes, sp.GetRequiredService<RuleSet>(), sp.GetRequiredService<TargetQuota>()));
        services.AddSingleton<NodeView>();
    }

    private static IReadOnlyList<IContainerSource> Sources(IServiceProvider services, string node) =>
    [
        .. Options(services).Sources.Select(name => name switch
        {
            SourceNames.Docker => (IContainerSource)ActivatorUtilities.CreateInstance<DockerContainerSource>(services, node),
            _ => ActivatorUtilities.CreateInstance<PodLogTreeSource>(services, node),
        }),
    ];

    private static DiscoveryOptions Options(IServiceProvider services) => services.GetRequiredService<DiscoveryOptions>();
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tributary.Collector.Answering;
using Tributary.Collector.Catalog;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Draining;
using Tributary.Collector.Feeds;
using Tributary.Collector.Publishing;
using Tributary.Collector.Records;
using Tributary.Collector.Reloading;
using Tributary.Collector.Spooling;
using Tributary.Collector.Reporting;
using Tributary.Collector.Tailing;
using Tributary.Config;
using Tributary.Contracts.Batches;
using Tributary.Hosting;
using Tributary.Hosting.Health;
using Tributary.Hosting.Metrics;

namespace Tributary.Collector;

/// <summary>The one place with the collector's registrations.</summary>
public static class CollectorSetup
{
    /// <summary>The collector of a node: follows what discovery says and the host files of its options.</summary>
    /// <exception cref="IOException">The state folder cannot be used; the message says why.</exception>
    public static IServiceCollection AddCollector(this IServiceCollection services, NodeOptions node, CollectorOptions options)
    {
        services.AddCollectorCore(node, options);
        services.AddDraining(node);
        services.AddHostedService<DrainPublisher>();
        services.AddSingleton(p => new ContainerCatalog(
            p.GetRequiredService<TailLoop>(), node.Name, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<ContainerCatalog>>()));
        services.AddSingleton<StoredAnswers>();
        services.AddSingleton<BrokerAlarm>();
        services.AddSingleton<EmbeddedPublisher>();
        services.AddSingleton<BrokerPublisher>();
        services.AddSingleton<IBatchPublisher>(p =>
            node.IsEmbedded ? p.GetRequiredService<EmbeddedPublisher>() : p.GetRequiredService<BrokerPublisher>());
        services.AddSingleton<CollectorHealth>();
        services.AddSingleton<IServiceHealth>(p => p.GetRequiredService<CollectorHealth>());
        services.AddSingleton<FollowedLook>();
        services.AddSingleton<StatusReport>();
        services.AddSingleton(p => new StatusPage(max => StatusJson.Render(p.GetRequiredService<StatusReport>().Make(max))));
        services.AddSingleton<SourceMetrics>();
        services.AddSingleton(p => new MetricsSection(p.GetRequiredService<SourceMetrics>().Write));
        services.AddHostedService<StatusPublisher>();
        services.AddHostedService<CollectorService>();
        services.AddHostedService<SnapshotRequester>();
        if (options.Configuration is { } started)
        {
            services.AddReloading([.. options.ConfigFiles], started, _ => []);
        }

        return services;
    }

    /// <summary>Takes changed LogConfigs while running: here first, then by those of <paramref name="others"/>, which name them to sources.</summary>
    internal static IServiceCollection AddReloading(
        this IServiceCollection services, IReadOnlyList<string> files, TributaryConfiguration started, Func<IServiceProvider, IEnumerable<Action<TributaryConfiguration>>> others) =>
        services.AddHostedService(p => new ConfigurationReloader(
            files,
            started,
            [c => p.GetRequiredService<RuleCatalog>().Replace(c.LogConfigs), .. others(p)],
            p.GetRequiredService<CollectorMetrics>(),
            p.GetRequiredService<TimeProvider>(),
            p.GetRequiredService<ILogger<ConfigurationReloader>>()));

    /// <summary>Tells of sources that ended; without it, as over given files, nobody is told.</summary>
    internal static IServiceCollection AddDraining(this IServiceCollection services, NodeOptions node)
    {
        services.AddSingleton(p =>
        {
            _ = p.GetRequiredService<CheckpointStore>(); // The folder is ours from here on.
            return new DrainLedger(
                Path.Combine(node.State, "collector"),
                p.GetRequiredService<CollectorMetrics>(),
                p.GetRequiredService<TimeProvider>(),
                p.GetRequiredService<ILoggerFactory>().CreateLogger("Tributary.Collector.Draining"));
        });
        services.AddSingleton<DrainWatch>();
        return services;
    }

    /// <summary>Tailing, batching and checkpoints without a publisher, containers or a host.</summary>
    internal static IServiceCollection AddCollectorCore(this IServiceCollection services, NodeOptions node, CollectorOptions options)
    {
        if (options.Codec == BatchCodec.Zstd && !Zstd.IsAvailable)
        {
            throw new DllNotFoundException("libzstd.so.1 is not installed (Debian: libzstd1). Install it, or set the batch compression to gzip or none.");
        }

        services.AddSingleton(options);
        services.AddSingleton<CollectorMetrics>();
        services.AddSingleton(p => CheckpointStore.Open(
            Path.Combine(node.State, "collector"), p.GetRequiredService<ILoggerFactory>().CreateLogger("Tributary.Collector.Checkpoints")));
        services.AddSingleton(p =>
        {
            var home = new CheckpointHome(p.GetRequiredService<CheckpointStore>());
            p.GetRequiredService<KnownFiles>().Add(home, home.Store!.TakeLoaded());
            return new CheckpointHomes(home, [.. options.Stores.Select(Disk)], p.GetRequiredService<CollectorMetrics>());

            CheckpointHome Disk(string root) =>
                new(new DataDisk(root, node.Name, options.StoreLeaseTime, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<DataDisk>>()));
        });
        services.AddSingleton<KnownFiles>();
        services.AddSingleton<GoneFiles>();
        services.AddSingleton<RuleCatalog>();
        services.AddSingleton<FileAdmission>();
        services.AddSingleton<CompressedFiles>();
        services.AddSingleton<RotatedFiles>();
        services.AddSingleton<HeldFiles>();
        services.AddSingleton<FileOpener>();
        services.AddSingleton<ChangeHints>();
        services.AddSingleton(p => new FeedSet(
            [.. HostSources.Feeds(options.Configs)],
            options,
            node,
            p.GetRequiredService<KnownFiles>(),
            p.GetRequiredService<RuleCatalog>(),
            p.GetRequiredService<CollectorMetrics>(),
            p.GetRequiredService<TimeProvider>(),
            p.GetRequiredService<ILogger<FeedSet>>()));
        services.AddSingleton<Checkpointer>();
        services.AddSingleton<BatchSpool>();
        services.AddSingleton<SpoolWriter>();
        services.AddSingleton<SpoolQueues>();
        services.AddSingleton<PublishWindow>();
        services.AddSingleton<TailLoop>();
        services.AddSingleton(p => new HostFileCatalog([.. options.Files, .. HostSources.Files(options.Configs)], node.Name, p.GetRequiredService<ILogger<HostFileCatalog>>()));
        return services;
    }
}

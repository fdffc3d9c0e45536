using Tributary.Collector;
using Tributary.Collector.Tailing;
using Tributary.Config;
using Tributary.Contracts;
using Tributary.Contracts.Batches;
using Tributary.Discovery;
using Tributary.Discovery.Declarations;
using Tributary.Hosting;
using Tributary.Shipper;

namespace Tributary.Standalone.Up;

/// <summary>Hands each service its part of the documents.</summary>
internal static class UpSettings
{
    public static NodeOptions Node(NodeSettings settings) => new()
    {
        Name = settings.Name,
        Bus = settings.Bus,
        State = settings.State,
        Listen = settings.Listen,
    };

    public static CollectorOptions Collector(TributaryConfiguration configuration, FilesSettings files)
    {
        var settings = configuration.Node;
        var options = new CollectorOptions
        {
            BatchBytesMax = settings.Batch.BytesMax,
            BatchAgeMax = settings.Batch.AgeMax,
            // Within one process a batch is not worth compressing.
            Codec = Node(settings).IsEmbedded ? BatchCodec.None : Codec(settings.Batch.Compression),
            WindowBatchesPerTarget = settings.Window.BatchesPerTarget,
            WindowBytesMax = settings.Window.BytesMax,
            SpoolPath = settings.Spool.Path,
            SpoolBytesMax = settings.Spool.BytesMax,
            SpoolAfter = settings.Spool.After,
            LineBytesMax = settings.LineBytesMax,
            CheckpointInterval = settings.CheckpointInterval,
            // The rest of the time is the bus's and the outputs'.
            DrainTimeout = settings.ShutdownTimeout * 0.6,
            Configs = configuration.LogConfigs,
            NamespaceRateLimit = settings.NamespaceRateLimit,
            Stores = [.. settings.Stores],
        };
        if (files.Include.Count > 0)
        {
            options.Files.Add(new HostFiles
            {
                Include = files.Include,
                Exclude = files.Exclude,
                Format = Enum.Parse<LogFormat>(files.Format.ToString()),
                Encoding = files.Encoding,
                StripReturn = files.StripReturn,
                Target = files.Target,
                Start = StartPosition.Parse(files.Start),
            });
        }

        return options;
    }

    public static ShipperOptions Shipper(TributaryConfiguration configuration)
    {
        var options = new ShipperOptions();
        foreach (var output in configuration.Outputs)
        {
            options.Outputs.Add(new OutputOptions(output.Name, Enum.Parse<OutputType>(output.Type.ToString()), output.Path));
        }

        foreach (var config in configuration.LogConfigs)
        {
            foreach (var output in config.Outputs)
            {
                options.Routes.Add(new Route(config.Target, output));
            }
        }

        return options;
    }

    public static void Discovery(DiscoveryOptions options, TributaryConfiguration configuration)
    {
        var node = configuration.Node;
        options.Docker.Endpoint = new Uri(node.Docker.Socket);
        options.PodsRoot = node.Pods.Root;
        options.Collect = node.Collect == CollectScope.All ? CollectMode.All : CollectMode.Declared;
        options.Prefixes = node.DeclarationPrefixes;
        options.TargetsPerNamespaceMax = node.TargetsPerNamespaceMax;
        options.Rules = Rules(configuration);
    }

    /// <summary>What discovery is to ask of containers.</summary>
    public static IReadOnlyList<ConfigRule> Rules(TributaryConfiguration configuration) => [.. configuration.LogConfigs.SelectMany(Rules)];

    private static IEnumerable<ConfigRule> Rules(LogConfig config) =>
        config.Sources.Where(s => s.Stdout is not null).Select(source => new ConfigRule
        {
            Name = config.Name,
            Namespace = config.Namespace,
            Version = config.Version,
            ContainerName = config.Selector.Container?.ToString(),
            ContainerLabels = config.Selector.ContainerLabels,
            PodNamespace = config.Selector.Namespace.Length > 0 ? config.Selector.Namespace : null,
            Streams = source.Stdout!.Streams,
            Target = config.Target,
        });

    private static BatchCodec Codec(Config.BatchCompression compression) => compression switch
    {
        Config.BatchCompression.Zstd => BatchCodec.Zstd,
        Config.BatchCompression.Gzip => BatchCodec.Gzip,
        _ => BatchCodec.None,
    };
}

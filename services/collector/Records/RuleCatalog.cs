using System.Collections.Frozen;
using Tributary.Config;

namespace Tributary.Collector.Records;

/// <summary>
/// The rules by the name of their LogConfig. They may be replaced while files are read: a file takes the new ones at its
/// next turn. Safe from any thread; a pipeline itself is the tail loop's.
/// </summary>
internal sealed class RuleCatalog
{
    private volatile FrozenDictionary<string, RecordPipeline> _byConfig = FrozenDictionary<string, RecordPipeline>.Empty;

    public RuleCatalog(CollectorOptions options) => Replace(options.Configs);

    /// <summary>Changes with each replacement.</summary>
    public int Version { get; private set; }

    /// <summary>The rules of a config; null when it has none, or is not known.</summary>
    public RecordPipeline? For(string? config) => config is null ? null : _byConfig.GetValueOrDefault(config);

    /// <summary>Takes these configs in place of those it has; one whose version is the same keeps its state.</summary>
    public void Replace(IEnumerable<LogConfig> configs)
    {
        var before = _byConfig;
        _byConfig = configs
            .Select(c => before.GetValueOrDefault(FullName(c)) is { } same && same.Version == c.Version ? same : RecordPipelines.Build(c))
            .OfType<RecordPipeline>()
            .ToFrozenDictionary(p => p.Config, StringComparer.Ordinal);
        Version++;
    }

    /// <summary>How a source names its config.</summary>
    public static string FullName(LogConfig config) => config.Namespace.Length == 0 ? config.Name : $"{config.Namespace}/{config.Name}";
}

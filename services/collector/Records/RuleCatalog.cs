using System.Collections.Frozen;
using Tributary.Config;

namespace Tributary.Collector.Records;

/// <summary>
/// The rules by the name of their LogConfig. They may be replaced while files are read: a file takes the new ones at its
/// next turn. A config that is left out stays until the replacement after: sources name it until they are declared anew,
/// and must not go without its rules meanwhile; sources of the host itself are declared at the start alone. Safe from any
/// thread; a pipeline itself is the tail loop's.
/// </summary>
internal sealed class RuleCatalog
{
    private volatile Snapshot _now = new(0, FrozenDictionary<string, Known>.Empty);

    public RuleCatalog(CollectorOptions options) => Replace(options.Configs);

    /// <summary>Changes with each replacement; 1 at first.</summary>
    public int Version => _now.Version;

    /// <summary>The rules of a config; null when it has none, or is not known.</summary>
    public RecordPipeline? For(string? config) => Find(config)?.Pipeline;

    /// <summary>How much each source of a config may send; null for any amount.</summary>
    public RateLimit? LimitOf(string? config) => Find(config)?.Config.RateLimit;

    /// <summary>Takes these configs in place of those it has; one whose version is the same keeps its state.</summary>
    public void Replace(IEnumerable<LogConfig> configs)
    {
        var before = _now;
        var known = configs.ToDictionary(FullName, c => Take(c, before.ByConfig), StringComparer.Ordinal);
        foreach (var (name, left) in before.ByConfig.Where(b => !b.Value.IsLeftOut || OfHost(b.Value.Config)))
        {
            known.TryAdd(name, left with { IsLeftOut = true });
        }

        _now = new Snapshot(before.Version + 1, known.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>How a source names its config.</summary>
    public static string FullName(LogConfig config) => config.Namespace.Length == 0 ? config.Name : $"{config.Namespace}/{config.Name}";

    private static Known Take(LogConfig config, FrozenDictionary<string, Known> before) =>
        before.GetValueOrDefault(FullName(config)) is { } same && same.Config.Version == config.Version
            ? same with { IsLeftOut = false }
            : new Known(config, RecordPipelines.Build(config));

    private static bool OfHost(LogConfig config) => config.Sources.Any(s => s.Stdout is null);

    private Known? Find(string? config) => config is null ? null : _now.ByConfig.GetValueOrDefault(config);

    private sealed record Snapshot(int Version, FrozenDictionary<string, Known> ByConfig);

    private sealed record Known(LogConfig Config, RecordPipeline? Pipeline, bool IsLeftOut = false);
}

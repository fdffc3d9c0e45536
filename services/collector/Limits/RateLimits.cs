using Tributary.Collector.Records;
using Tributary.Collector.Tailing;
using Tributary.Config;

namespace Tributary.Collector.Limits;

/// <summary>
/// Gives each source its limit, and all sources of a namespace one to share. A limit that the rules still say keeps what
/// it has counted; namespaces that nobody uses any more are forgotten. Touched by the tail loop alone.
/// </summary>
internal sealed class RateLimits(RateLimit? perNamespace, RuleCatalog rules, TimeProvider time)
{
    private readonly Dictionary<string, WeakReference<RateLimiter>> _namespaces = new(StringComparer.Ordinal);

    /// <summary>The source's limit by the present rules; null for any amount.</summary>
    public SourceLimit? Of(FollowedSource source)
    {
        var version = rules.Version;
        if (source.LimitVersion != version)
        {
            var wanted = rules.LimitOf(source.Spec.Config);
            var own = wanted is null ? null : source.Limit?.Own is { } same && same.Limit == wanted ? same : new RateLimiter(wanted, time);
            var shared = Shared(source.Spec.Namespace);
            source.Limit = own is null && shared is null ? null : new SourceLimit(own, shared);
            source.LimitVersion = version;
        }

        return source.Limit;
    }

    private RateLimiter? Shared(string name)
    {
        if (perNamespace is null || name.Length == 0)
        {
            return null;
        }

        if (_namespaces.TryGetValue(name, out var known) && known.TryGetTarget(out var limiter))
        {
            return limiter;
        }

        foreach (var (unused, _) in _namespaces.Where(n => !n.Value.TryGetTarget(out _)).ToArray())
        {
            _namespaces.Remove(unused);
        }

        limiter = new RateLimiter(perNamespace, time);
        _namespaces[name] = new WeakReference<RateLimiter>(limiter);
        return limiter;
    }
}

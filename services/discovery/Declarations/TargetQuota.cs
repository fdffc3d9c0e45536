using Microsoft.Extensions.Logging;
using Tributary.Contracts;

namespace Tributary.Discovery.Declarations;

/// <summary>
/// How many targets a namespace's containers may name at once. Past the bound a new one falls to the default target: its
/// lines are kept, only their address is not. A target is free again when its last container is gone. Not safe for concurrent use.
/// </summary>
internal sealed partial class TargetQuota(int targetsMax, DiscoveryMetrics metrics, ILogger<TargetQuota> log)
{
    private readonly Dictionary<string, Dictionary<string, HashSet<string>>> _users = new(StringComparer.Ordinal);
    private readonly HashSet<(string Container, string Target)> _refused = [];
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);

    /// <summary>The target itself, or the default one.</summary>
    public string Grant(string tenant, string container, string target)
    {
        if (target == Topology.DefaultTarget)
        {
            return target;
        }

        if (!_users.TryGetValue(tenant, out var targets))
        {
            targets = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
            _users.Add(tenant, targets);
        }

        if (!targets.TryGetValue(target, out var users))
        {
            if (targets.Count >= targetsMax)
            {
                Refuse(tenant, container, target);
                return Topology.DefaultTarget;
            }

            users = new HashSet<string>(StringComparer.Ordinal);
            targets.Add(target, users);
        }

        users.Add(container);
        return target;
    }

    /// <summary>The container is gone.</summary>
    public void Release(string container)
    {
        foreach (var (tenant, targets) in _users.ToList())
        {
            foreach (var (target, users) in targets.ToList())
            {
                if (users.Remove(container) && users.Count == 0)
                {
                    targets.Remove(target);
                }
            }

            if (targets.Count == 0)
            {
                _users.Remove(tenant);
                _warned.Remove(tenant);
            }
        }

        _refused.RemoveWhere(r => r.Container == container);
    }

    private void Refuse(string tenant, string container, string target)
    {
        if (_refused.Add((container, target)))
        {
            metrics.TargetRefused();
        }

        if (_warned.Add(tenant))
        {
            LogRefused(log, tenant, targetsMax, target);
        }
    }

    [LoggerMessage(1402, LogLevel.Warning,
        "Namespace '{Tenant}' names more than {TargetsMax} targets: '{Target}' and further ones go to the default target (raise targetsPerNamespaceMax, or use fewer)")]
    private static partial void LogRefused(ILogger log, string tenant, int targetsMax, string target);
}

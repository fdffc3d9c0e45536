using Microsoft.Extensions.Logging;
using Tributary.Contracts;
using Tributary.Discovery.Catalog;
using Tributary.Discovery.Containers;
using Tributary.Discovery.Declarations;
using Tributary.Discovery.Publishing;

namespace Tributary.Discovery;

/// <summary>
/// Where sources' reports become published changes: resolves declarations, keeps the catalog, queues what changed.
/// One report at a time; a snapshot is taken between two. Labels and env end here.
/// </summary>
internal sealed partial class NodeView(
    DiscoveryOptions options, ContainerCatalog catalog, GenerationClock clock, RuleSet rules, SourceResolver resolver, TargetQuota quota,
    LifecyclePublisher publisher, DiscoveryHealth health, DiscoveryMetrics metrics, ILogger<NodeView> log)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<string, ContainerFacts>> _facts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _warned = new(StringComparer.Ordinal);

    /// <summary>Everything known, as last published; also before the node was seen completely.</summary>
    public IReadOnlyList<ContainerInfo> Containers
    {
        get
        {
            lock (_gate)
            {
                return catalog.Containers;
            }
        }
    }

    public void Apply(string source, SourceReport report)
    {
        lock (_gate)
        {
            var changes = report switch
            {
                FullView view => catalog.ApplyView(source, [.. view.Containers.Select(Resolve)]),
                OneContainer one => catalog.ApplyOne(source, Resolve(one.Container)),
                OneGone gone => catalog.ApplyGone(source, gone.Id),
                _ => throw new ArgumentException("Unknown report " + report.GetType().Name, nameof(report)),
            };
            Keep(source, report);
            Publish(changes);
            if (report is FullView full)
            {
                NoteLook(source, full);
            }
        }
    }

    /// <summary>Takes these rules in place of those before, and publishes what they change of the containers that are known.</summary>
    public void TakeRules(IEnumerable<ConfigRule> changed)
    {
        lock (_gate)
        {
            rules.Replace(changed);
            foreach (var (source, containers) in _facts)
            {
                foreach (var facts in containers.Values)
                {
                    Publish(catalog.ApplyOne(source, Resolve(facts)));
                }
            }
        }
    }

    /// <summary>
    /// Null until every source has seen the node once: a part of the node would read as "the rest is gone".
    /// </summary>
    public NodeState? TakeSnapshot()
    {
        lock (_gate)
        {
            return options.Sources.All(_seen.Contains) ? new NodeState(clock.Latest, catalog.Containers) : null;
        }
    }

    /// <summary>Remembers what rules are applied to, for when they change.</summary>
    private void Keep(string source, SourceReport report)
    {
        if (!_facts.TryGetValue(source, out var known))
        {
            known = new Dictionary<string, ContainerFacts>(StringComparer.Ordinal);
            _facts.Add(source, known);
        }

        switch (report)
        {
            case FullView view:
                known.Clear();
                foreach (var container in view.Containers)
                {
                    known[container.Id] = container;
                }

                break;
            case OneContainer one:
                known[one.Container.Id] = one.Container;
                break;
            case OneGone gone:
                known.Remove(gone.Id);
                break;
        }
    }

    private void Publish(IReadOnlyList<ContainerChange> changes)
    {
        foreach (var change in changes)
        {
            Tell(change.Container);
            publisher.Enqueue(change);
        }

        if (changes.Count > 0)
        {
            var running = catalog.Containers.Count(c => c.State == ContainerState.Running);
            metrics.SetContainers(running, catalog.Containers.Count - running);
        }
    }

    private void NoteLook(string source, FullView view)
    {
        _seen.Add(source);
        metrics.LookSucceeded(source);
        health.Looked(source, view.Containers.Count);
        if (view.AfterGap)
        {
            publisher.RequestSnapshot();
        }
    }

    private ContainerInfo Resolve(ContainerFacts facts) => new()
    {
        Id = facts.Id,
        Name = facts.Name,
        Runtime = facts.Runtime,
        Namespace = facts.Namespace,
        State = facts.State,
        RestartCount = facts.RestartCount,
        Generation = 0,
        StartedAt = facts.StartedAt,
        FinishedAt = facts.FinishedAt,
        Attributes = facts.Attributes,
        Sources = resolver.Resolve(facts),
    };

    /// <summary>Logs the change, and each reason for not collecting once a container.</summary>
    private void Tell(ContainerInfo container)
    {
        LogChanged(log, container.Name, container.State, container.Id);
        if (container.State == ContainerState.Removed)
        {
            quota.Release(container.Id);
            _warned.Remove(container.Id);
            return;
        }

        foreach (var source in container.Sources.Where(s => s.Reason is not null))
        {
            if (!_warned.TryGetValue(container.Id, out var reasons))
            {
                reasons = new HashSet<string>(StringComparer.Ordinal);
                _warned.Add(container.Id, reasons);
            }

            if (reasons.Add(source.Name + ": " + source.Reason))
            {
                LogNotCollected(log, source.Name, container.Name, source.Reason!);
            }
        }
    }

    [LoggerMessage(1001, LogLevel.Debug, "Container {Name} is {State} ({Id})")]
    private static partial void LogChanged(ILogger log, string name, ContainerState state, string id);

    [LoggerMessage(1002, LogLevel.Warning, "Log '{Source}' of container {Name} is not collected: {Reason}")]
    private static partial void LogNotCollected(ILogger log, string source, string name, string reason);
}

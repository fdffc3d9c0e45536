using Tributary.Contracts;

namespace Tributary.Discovery.Catalog;

/// <summary>
/// The last good view of the node, merged from all sources. Each call takes what a source saw and returns what really
/// changed, each change with a generation of its own. A container that two sources see is one, told as the source of
/// higher rank tells it; it is gone when no source sees it. Not safe for concurrent use.
/// </summary>
internal sealed class ContainerCatalog(IReadOnlyList<string> sourcesByRank, Func<long> nextGeneration)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Every container, as last published.</summary>
    public IReadOnlyList<ContainerInfo> Containers => [.. _entries.Values.Select(entry => entry.Published)];

    /// <summary>A source's complete view: what it saw before and sees no more is gone from it.</summary>
    public IReadOnlyList<ContainerChange> ApplyView(string source, IReadOnlyCollection<ContainerInfo> containers)
    {
        var changes = new List<ContainerChange>();
        foreach (var container in containers)
        {
            Set(source, container, changes);
        }

        var seen = containers.Select(c => c.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var id in _entries.Where(e => e.Value.BySource.ContainsKey(source) && !seen.Contains(e.Key)).Select(e => e.Key).ToList())
        {
            Unset(source, id, changes);
        }

        return changes;
    }

    /// <summary>One container as a source sees it now.</summary>
    public IReadOnlyList<ContainerChange> ApplyOne(string source, ContainerInfo container)
    {
        var changes = new List<ContainerChange>();
        Set(source, container, changes);
        return changes;
    }

    /// <summary>A source sees a container no more.</summary>
    public IReadOnlyList<ContainerChange> ApplyGone(string source, string id)
    {
        var changes = new List<ContainerChange>();
        Unset(source, id, changes);
        return changes;
    }

    private void Set(string source, ContainerInfo container, List<ContainerChange> changes)
    {
        if (!_entries.TryGetValue(container.Id, out var entry))
        {
            entry = new Entry { Published = container with { Generation = nextGeneration() } };
            _entries.Add(container.Id, entry);
            changes.Add(new ContainerChange(entry.Published));
        }

        entry.BySource[source] = container;
        PublishBest(entry, changes);
    }

    private void Unset(string source, string id, List<ContainerChange> changes)
    {
        if (!_entries.TryGetValue(id, out var entry) || !entry.BySource.Remove(source))
        {
            return;
        }

        if (entry.BySource.Count > 0)
        {
            PublishBest(entry, changes);
            return;
        }

        _entries.Remove(id);
        changes.Add(new ContainerChange(entry.Published with { State = ContainerState.Removed, Generation = nextGeneration() }));
    }

    private void PublishBest(Entry entry, List<ContainerChange> changes)
    {
        var best = entry.BySource[sourcesByRank.First(entry.BySource.ContainsKey)];
        if (!ContainerContent.Same(best, entry.Published))
        {
            entry.Published = best with { Generation = nextGeneration() };
            changes.Add(new ContainerChange(entry.Published));
        }
    }

    private sealed class Entry
    {
        public Dictionary<string, ContainerInfo> BySource { get; } = new(StringComparer.Ordinal);

        public required ContainerInfo Published { get; set; }
    }
}

using Microsoft.Extensions.Logging;
using Tributary.Collector.Tailing;
using Tributary.Contracts;

namespace Tributary.Collector.Catalog;

/// <summary>
/// What discovery said of this node's containers, turned into sources. Keeps the greatest generation of each container
/// and ignores what is older, so repeats and reordering are harmless. A container that a whole snapshot does not show
/// is drained, never cut off. Safe from any thread.
/// </summary>
internal sealed partial class ContainerCatalog(TailLoop tail, string node, TimeProvider time, ILogger<ContainerCatalog> logger)
{
    private static readonly TimeSpan ForgetRemovedAfter = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Known> _containers = new(StringComparer.Ordinal);
    private SnapshotChunks? _chunks;

    /// <summary>When the last whole snapshot was taken in, by the monotonic clock; null before the first.</summary>
    public long? LastSnapshot { get; private set; }

    public void Started(ContainerStarted message) => Take(message.Node, message.Container);

    public void Stopped(ContainerStopped message) => Take(message.Node, message.Container);

    public void Removed(ContainerRemoved message)
    {
        lock (_lock)
        {
            if (message.Node == node)
            {
                Remove(message.ContainerId, message.Generation);
            }
        }
    }

    /// <summary>Takes a chunk; when it was the last missing one, what the snapshot does not show is drained.</summary>
    public void Snapshot(NodeSnapshot chunk)
    {
        lock (_lock)
        {
            if (chunk.Node != node)
            {
                return;
            }

            if (_chunks is null || _chunks.Id != chunk.SnapshotId)
            {
                _chunks = new SnapshotChunks(chunk.SnapshotId, chunk.ChunkCount);
            }

            foreach (var container in chunk.Containers)
            {
                Take(container);
                _chunks.Ids.Add(container.Id);
            }

            if (_chunks.Add(chunk.ChunkIndex))
            {
                foreach (var id in _containers.Keys.Where(id => !_chunks.Ids.Contains(id)).ToArray())
                {
                    Remove(id, chunk.Generation);
                }

                _chunks = null;
                LastSnapshot = time.GetTimestamp();
                ForgetOld();
            }
        }
    }

    /// <summary>What was declared and cannot be collected.</summary>
    public IReadOnlyList<CollectorError> Errors()
    {
        lock (_lock)
        {
            return [.. _containers.Values.Where(c => c.RemovedAt is null).SelectMany(c => c.Refused)];
        }
    }

    private void Take(string messageNode, ContainerInfo container)
    {
        lock (_lock)
        {
            if (messageNode == node)
            {
                Take(container);
            }
        }
    }

    private void Take(ContainerInfo container)
    {
        if (_containers.TryGetValue(container.Id, out var known) && known.Generation >= container.Generation)
        {
            return;
        }

        var specs = container.Sources.Where(s => s.Reason is null && s.Path.Length > 0).Select(s => Spec(container, s)).ToArray();
        foreach (var source in container.Sources.Where(s => s.Reason is not null))
        {
            if (known?.Refused.Any(r => r.Error == source.Reason) != true)
            {
                LogNotCollected(logger, container.Name, source.Name, source.Reason!);
            }
        }

        foreach (var gone in known?.Specs.ExceptBy(specs.Select(s => s.Key), s => s.Key) ?? [])
        {
            tail.Remove(gone);
        }

        foreach (var spec in specs)
        {
            tail.Follow(spec);
        }

        _containers[container.Id] = new Known(container.Generation, specs, [.. container.Sources.Where(s => s.Reason is not null).Select(s => Refused(container, s))], null);
    }

    private static CollectorError Refused(ContainerInfo container, LogSource source) =>
        new() { Name = $"{container.Name}/{source.Name}", Path = source.Path, Error = source.Reason! };

    private void Remove(string id, long generation)
    {
        if (!_containers.TryGetValue(id, out var known))
        {
            // Remembered, so that an older start that comes late is not taken for news.
            _containers[id] = new Known(generation, [], [], time.GetTimestamp());
        }
        else if (known.Generation < generation)
        {
            foreach (var spec in known.Specs)
            {
                tail.Remove(spec);
            }

            _containers[id] = known with { Generation = generation, RemovedAt = known.RemovedAt ?? time.GetTimestamp() };
        }
    }

    private void ForgetOld()
    {
        foreach (var (id, _) in _containers.Where(c => c.Value.RemovedAt is { } at && time.GetElapsedTime(at) > ForgetRemovedAfter).ToArray())
        {
            _containers.Remove(id);
        }
    }

    private SourceSpec Spec(ContainerInfo container, LogSource source)
    {
        var attributes = new Dictionary<string, string>(source.Tags);
        foreach (var (key, value) in container.Attributes)
        {
            attributes[key] = value;
        }

        attributes["host.name"] = node;
        return new SourceSpec
        {
            Key = $"{container.Id}/{source.Config ?? source.Name}/{source.Target}/{source.Path}",
            DisplayName = container.Name,
            Path = source.Path,
            Format = source.Format,
            Target = source.Target,
            Config = source.Config,
            Declaration = source.Config ?? source.Name,
            Namespace = container.Namespace,
            ConfigVersion = source.ConfigVersion,
            ContainerId = container.Id,
            Name = source.Name,
            Stdout = source.Streams.Count == 0 || source.Streams.Contains("stdout"),
            Stderr = source.Streams.Count == 0 || source.Streams.Contains("stderr"),
            Attributes = attributes,
            ReadRotated = true,
            Growing = container.State == ContainerState.Running,
        };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Container {Container}: {Source} is not collected: {Reason}")]
    private static partial void LogNotCollected(ILogger logger, string container, string source, string reason);

    private sealed record Known(long Generation, IReadOnlyList<SourceSpec> Specs, IReadOnlyList<CollectorError> Refused, long? RemovedAt);

    /// <summary>The chunks of one snapshot that have arrived.</summary>
    private sealed class SnapshotChunks(Guid id, int count)
    {
        private readonly HashSet<int> _seen = [];

        public Guid Id => id;

        public HashSet<string> Ids { get; } = new(StringComparer.Ordinal);

        /// <summary>True when the chunk was the last one missing.</summary>
        public bool Add(int index) => _seen.Add(index) && _seen.Count == count;
    }
}

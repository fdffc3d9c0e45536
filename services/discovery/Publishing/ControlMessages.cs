using Tributary.Contracts;

namespace Tributary.Discovery.Publishing;

/// <summary>Builds the messages of a node.</summary>
internal static class ControlMessages
{
    public static ContainerStarted Started(string node, ContainerInfo container, DateTimeOffset now) => new()
    {
        Node = node,
        ContainerId = container.Id,
        RestartCount = container.RestartCount,
        Generation = container.Generation,
        Time = now,
        Container = container,
    };

    public static ContainerStopped Stopped(string node, ContainerInfo container, DateTimeOffset now) => new()
    {
        Node = node,
        ContainerId = container.Id,
        RestartCount = container.RestartCount,
        Generation = container.Generation,
        Time = now,
        Container = container,
    };

    public static ContainerRemoved Removed(string node, ContainerInfo container, DateTimeOffset now) => new()
    {
        Node = node,
        ContainerId = container.Id,
        RestartCount = container.RestartCount,
        Generation = container.Generation,
        Time = now,
    };

    /// <summary>All chunks of one snapshot; an empty node is one empty chunk.</summary>
    public static IEnumerable<NodeSnapshot> Snapshot(string node, NodeState state, DateTimeOffset now)
    {
        var id = Guid.NewGuid();
        ContainerInfo[][] chunks = state.Containers.Count == 0 ? [[]] : [.. state.Containers.Chunk(NodeSnapshot.ContainersPerChunkMax)];
        return chunks.Select((containers, index) => new NodeSnapshot
        {
            Node = node,
            SnapshotId = id,
            Generation = state.Generation,
            Time = now,
            ChunkIndex = index,
            ChunkCount = chunks.Length,
            Containers = containers,
        });
    }
}

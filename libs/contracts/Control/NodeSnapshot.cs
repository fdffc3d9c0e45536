namespace Tributary.Contracts;

/// <summary>
/// A chunk of everything that discovery knows of its node. Only when all chunks of one snapshot arrived may a consumer
/// conclude that a container it knows, of a lower generation than <see cref="Generation"/>, is gone.
/// </summary>
public sealed record NodeSnapshot
{
    /// <summary>The most containers that one chunk carries.</summary>
    public const int ContainersPerChunkMax = 100;

    public required string Node { get; init; }

    /// <summary>Names the snapshot that this chunk is part of.</summary>
    public required Guid SnapshotId { get; init; }

    /// <summary>The node's greatest generation when the snapshot was taken.</summary>
    public required long Generation { get; init; }

    /// <summary>When the snapshot was taken, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>From 0.</summary>
    public required int ChunkIndex { get; init; }

    /// <summary>At least 1: an empty node is one empty chunk.</summary>
    public required int ChunkCount { get; init; }

    public required IReadOnlyList<ContainerInfo> Containers { get; init; }
}

namespace Tributary.Contracts;

/// <summary>A container was deleted from the node. Files that are still held are read to the end.</summary>
public sealed record ContainerRemoved
{
    public required string Node { get; init; }
    public required string ContainerId { get; init; }
    public required int RestartCount { get; init; }

    /// <summary>See <see cref="ContainerInfo.Generation"/>.</summary>
    public required long Generation { get; init; }

    /// <summary>When discovery learned of it, UTC.</summary>
    public required DateTimeOffset Time { get; init; }
}

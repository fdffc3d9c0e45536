namespace Tributary.Contracts;

/// <summary>
/// A container ended. "Stopped" means drain: the collector decides when it is done. Carries the whole container, so
/// that it is collected even where the start was never seen.
/// </summary>
public sealed record ContainerStopped
{
    public required string Node { get; init; }
    public required string ContainerId { get; init; }
    public required int RestartCount { get; init; }

    /// <summary>See <see cref="ContainerInfo.Generation"/>.</summary>
    public required long Generation { get; init; }

    /// <summary>When discovery learned of it, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    public required ContainerInfo Container { get; init; }
}

namespace Tributary.Contracts;

/// <summary>A container was created or started, or what is known of it changed while it runs.</summary>
public sealed record ContainerStarted
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

namespace Tributary.Contracts;

/// <summary>Asks a node's discovery for a <see cref="NodeSnapshot"/>: at start, and after a gap on the bus.</summary>
public sealed record NodeSnapshotRequested
{
    public required string Node { get; init; }

    /// <summary>Who asks, for the log.</summary>
    public required string Requester { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset Time { get; init; }
}

namespace Tributary.Contracts;

/// <summary>
/// The shipper's answer, after its fsync, to a batch that came over the in-memory transport, which completes a send
/// when it is queued. A broker's confirm takes its place everywhere else.
/// </summary>
public sealed record BatchStored
{
    /// <summary>The batch's message id.</summary>
    public required Guid BatchId { get; init; }
}

namespace Tributary.Hosting;

/// <summary>A batch that cannot be decoded, as it came, on its way to the dead letter queue.</summary>
/// <param name="batch">The message as it was received.</param>
/// <param name="reason">Why it cannot be decoded.</param>
public sealed class DeadBatch(ReceivedBatch batch, string reason)
{
    public ReceivedBatch Batch { get; } = batch;

    public string Reason { get; } = reason;
}

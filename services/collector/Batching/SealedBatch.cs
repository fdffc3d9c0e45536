namespace Tributary.Collector.Batching;

/// <summary>A closed batch on its way: confirmed or not. Written by the publishing task, read by the tail loop.</summary>
internal sealed class SealedBatch(string target, int records, int rawBytes)
{
    private volatile bool _confirmed;

    public string Target => target;

    public int Records => records;

    /// <summary>Encoded bytes before compression.</summary>
    public int RawBytes => rawBytes;

    /// <summary>What it holds of the node's window now: raw until compressed.</summary>
    public long HeldBytes { get; set; } = rawBytes;

    public bool IsConfirmed => _confirmed;

    /// <summary>The files whose marks wait for it.</summary>
    public required IReadOnlyCollection<BatchSource> Files { get; init; }

    /// <summary>When it was closed, by the monotonic clock.</summary>
    public required long SealedAt { get; init; }

    public void Confirm() => _confirmed = true;
}

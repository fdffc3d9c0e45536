using Tributary.Contracts.Batches;

namespace Tributary.Collector.Batching;

/// <summary>A closed batch on its way: in the spool, confirmed, or neither yet. Written by the publishing task, read by the tail loop.</summary>
internal sealed class SealedBatch(string target, int records, int rawBytes)
{
    private volatile bool _confirmed;
    private volatile bool _spooled;
    private volatile LogBatch? _content;

    public string Target => target;

    public int Records => records;

    /// <summary>Encoded bytes before compression.</summary>
    public int RawBytes => rawBytes;

    /// <summary>What it holds of the node's window now: raw until compressed.</summary>
    public long HeldBytes { get; set; } = rawBytes;

    public bool IsConfirmed => _confirmed;

    /// <summary>Whether it is in the spool, on the disk.</summary>
    public bool IsSpooled => _spooled;

    /// <summary>Whether it comes through whatever becomes of the files.</summary>
    public bool IsSafe => _confirmed || _spooled;

    /// <summary>Whether it waits in the spool alone, and holds memory only until it is written.</summary>
    public bool IsBehind { get; set; }

    /// <summary>Left in the spool by an earlier process.</summary>
    public bool IsRestored { get; init; }

    /// <summary>It was damaged in the spool and can never be published.</summary>
    public bool IsLost { get; set; }

    /// <summary>What is being published, so that the spool can take it over; null before it is compressed and after its confirm.</summary>
    public LogBatch? Content
    {
        get => _content;
        set => _content = value;
    }

    /// <summary>The files whose marks wait for it.</summary>
    public required IReadOnlyCollection<BatchSource> Files { get; init; }

    /// <summary>When it was closed, by the monotonic clock.</summary>
    public required long SealedAt { get; init; }

    /// <summary>Sources that share a line of it: their marks move at one moment, so that no restart finds a piece of it alone. Null when none do.</summary>
    public IReadOnlyCollection<BatchSource>? Together { get; init; }

    public void Confirm() => _confirmed = true;

    public void MarkSpooled() => _spooled = true;
}

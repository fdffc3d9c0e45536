using System.Security.Cryptography;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Counting;
using Tributary.Collector.Formats;
using Tributary.Collector.Tailing;

namespace Tributary.Collector.Batching;

/// <summary>
/// What a batch takes records from: a file, or a feed that is no file. It knows where a restart would resume, and moves
/// <see cref="Confirmed"/> only over the confirmed batches at the front, and <see cref="Kept"/> over those that are in
/// the spool too. Touched by the tail loop alone.
/// </summary>
internal abstract class BatchSource
{
    private readonly Queue<(SealedBatch Batch, FileMark Mark, FileTally? Tally)> _unsafe = new();
    private readonly Queue<(SealedBatch Batch, FileMark Mark, FileTally? Tally)> _spooled = new();

    /// <summary>First half of its records' uid.</summary>
    public abstract string SourceId { get; }

    /// <summary>Whether the id is on the disk; nothing may be published before.</summary>
    public bool Durable { get; set; }

    /// <summary>What is confirmed without a gap.</summary>
    public FileMark Confirmed { get; protected set; }

    /// <summary>What is confirmed or in the spool, on the disk, without a gap: a restart resumes there.</summary>
    public FileMark Kept { get; protected set; }

    /// <summary>What was counted of it so far; null for what is not counted.</summary>
    public virtual FileTally? Tally => null;

    /// <summary>What was counted at <see cref="Kept"/>.</summary>
    public FileTally? KeptTally { get; protected set; }

    /// <summary>What was counted at <see cref="Confirmed"/>.</summary>
    public FileTally? ConfirmedTally { get; protected set; }

    /// <summary>Whether everything that was taken is confirmed; what waits in an open batch is not.</summary>
    public bool AllConfirmed => _unsafe.Count == 0 && _spooled.Count == 0 && Confirmed == Mark();

    /// <summary>Whether everything that was taken is confirmed or in the spool.</summary>
    public bool AllKept => _unsafe.Count == 0 && Kept == Mark();

    /// <summary>Records went into a batch.</summary>
    /// <param name="records">How many.</param>
    /// <param name="first">The earliest time, Unix nanoseconds.</param>
    /// <param name="last">The latest time.</param>
    public virtual void Emitted(int records, ulong first, ulong last)
    {
    }

    /// <summary>What was counted up to there is confirmed.</summary>
    protected virtual void OnConfirmed(FileTally? tally) => ConfirmedTally = tally;

    /// <summary>Where a restart would have to resume if all that was taken so far were confirmed.</summary>
    public abstract FileMark Mark();

    /// <summary>The encoded resource of the stream's sections.</summary>
    public abstract byte[] Resource(LogStream stream);

    /// <summary>The stream's name in headers and attributes; empty for a source without streams.</summary>
    public abstract string StreamName(LogStream stream);

    /// <summary>What is to be remembered of it.</summary>
    public abstract Checkpoint ToCheckpoint(long nowUnixSeconds);

    /// <summary>A new source id: 20 hex digits.</summary>
    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));

    /// <summary>Remembers that everything up to <paramref name="mark"/> is in <paramref name="batch"/> and those before it.</summary>
    public void AddUnconfirmed(SealedBatch batch, FileMark mark, FileTally? tally) => _unsafe.Enqueue((batch, mark, tally));

    /// <summary>Moves <see cref="Kept"/> and <see cref="Confirmed"/> over the batches at the front, and those of others that waited for this one.</summary>
    /// <param name="moved">Told of each source that moved.</param>
    public void AdvanceMarks(Action<BatchSource> moved)
    {
        while (_unsafe.TryPeek(out var head) && head.Batch.IsSafe && MayMove(head.Batch))
        {
            Kept = head.Mark;
            KeptTally = head.Tally ?? KeptTally;
            _spooled.Enqueue(head);
            _unsafe.Dequeue();
            moved(this);
            foreach (var other in head.Batch.Together ?? [])
            {
                other.AdvanceMarks(moved);
            }
        }

        while (_spooled.TryPeek(out var head) && head.Batch.IsConfirmed)
        {
            Confirmed = head.Mark;
            OnConfirmed(head.Tally);
            _spooled.Dequeue();
            moved(this);
        }
    }

    /// <summary>Where a line is shared, only when it is every sharer's turn.</summary>
    private bool MayMove(SealedBatch batch) =>
        batch.Together is not { } together || !together.Contains(this) || together.All(s => s.IsTurnOf(batch));

    private bool IsTurnOf(SealedBatch batch) =>
        !_unsafe.TryPeek(out var head) || head.Batch == batch || !_unsafe.Any(u => u.Batch == batch);
}

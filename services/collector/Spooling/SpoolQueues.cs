using System.Diagnostics.CodeAnalysis;
using Tributary.Collector.Batching;
using Tributary.Contracts.Batches;

namespace Tributary.Collector.Spooling;

/// <summary>
/// The targets that go by way of the spool, each with its batches in order: those in flight when it began, and all that
/// came since. A target begins when its window is full and its oldest batch has waited long enough, and ends when the
/// last one was taken out again. Admission is the tail loop's alone.
/// </summary>
internal sealed class SpoolQueues
{
    private readonly BatchSpool _spool;
    private readonly SpoolWriter _writer;
    private readonly CollectorOptions _options;
    private readonly CollectorMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, Queue<SealedBatch>> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _restored = new(StringComparer.Ordinal);
    private bool _full;

    public SpoolQueues(BatchSpool spool, SpoolWriter writer, CollectorOptions options, CollectorMetrics metrics, TimeProvider time)
    {
        _spool = spool;
        _writer = writer;
        _options = options;
        _metrics = metrics;
        _time = time;
        _writer.Written += batch => Written?.Invoke(batch);
        foreach (var batch in spool.Restored)
        {
            Queue(batch.Target).Enqueue(batch);
            _restored[batch.Target] = _restored.GetValueOrDefault(batch.Target) + 1;
        }
    }

    public bool IsOn => _spool.IsOn;

    /// <summary>Raised on a pool thread for each batch that is on the disk.</summary>
    public event Action<SealedBatch>? Written;

    public bool IsEmpty => _waiting.Count == 0;

    /// <summary>Whether all of it is on the disk.</summary>
    public bool IsWritten => _waiting.Values.All(q => q.All(b => b.IsSpooled));

    public IReadOnlyCollection<string> Targets => _waiting.Keys;

    /// <summary>Whether the target's next batch goes behind others in the spool.</summary>
    public bool Holds(string target) => _waiting.ContainsKey(target);

    /// <summary>Whether batches of an earlier process wait for their confirm.</summary>
    public bool IsDraining(string target) => _restored.ContainsKey(target);

    /// <summary>Whether the spool takes one more batch of a target that goes by it.</summary>
    public bool HasRoom() => Takes(0);

    /// <summary>Whether a target whose window is full may go on by way of the spool.</summary>
    public bool MayBegin(Queue<SealedBatch> inFlight) =>
        _spool.IsOn
        && inFlight.TryPeek(out var oldest) && _time.GetElapsedTime(oldest.SealedAt) >= _options.SpoolAfter
        && inFlight.All(b => b.Content is not null || b.IsSafe)
        && Takes(inFlight.Where(b => !b.IsSafe).Sum(b => b.HeldBytes));

    /// <summary>From now on the target goes by the spool. What is in flight comes first, so that nothing before a spooled batch is missing there.</summary>
    public void Begin(string target, Queue<SealedBatch> inFlight)
    {
        Queue(target);
        foreach (var batch in inFlight)
        {
            if (!batch.IsSafe && batch.Content is { } content)
            {
                _writer.Expect(content.Content.Length);
                _writer.Add(batch, content, content.Content.Length);
            }
        }
    }

    /// <summary>The batch takes its place; <see cref="Write"/> follows when it is compressed.</summary>
    public void Add(SealedBatch batch)
    {
        _writer.Expect(batch.RawBytes);
        _waiting[batch.Target].Enqueue(batch);
    }

    /// <summary>Hands a batch's content to the disk. From any thread; in order for a target.</summary>
    public void Write(SealedBatch batch, LogBatch content) => _writer.Add(batch, content, batch.RawBytes);

    /// <summary>The target's next batch to be published, when it is on the disk.</summary>
    public bool TryPeek(string target, [NotNullWhen(true)] out SealedBatch? batch) =>
        _waiting[target].TryPeek(out batch) && batch.IsSpooled;

    /// <summary>Takes it out; with the last one the target goes on without the spool.</summary>
    public void Dequeue(string target)
    {
        var queue = _waiting[target];
        queue.Dequeue();
        if (queue.Count == 0)
        {
            _waiting.Remove(target);
        }
    }

    /// <inheritdoc cref="BatchSpool.Read"/>
    public LogBatch Read(SealedBatch batch) => _spool.Read(batch);

    /// <summary>The batch is confirmed. From any thread.</summary>
    public void Remove(SealedBatch batch) => _spool.Remove(batch);

    /// <summary>Counts the confirm of a batch of an earlier process.</summary>
    public void Confirmed(SealedBatch batch)
    {
        if (batch.IsRestored && --_restored[batch.Target] == 0)
        {
            _restored.Remove(batch.Target);
        }
    }

    /// <summary>Counts each time that it becomes full.</summary>
    private bool Takes(long bytes)
    {
        var takes = _writer.Takes(bytes + 2L * _options.BatchBytesMax);
        if (!takes && !_full)
        {
            _metrics.SpoolError("full");
        }

        _full = !takes;
        return takes;
    }

    private Queue<SealedBatch> Queue(string target)
    {
        if (!_waiting.TryGetValue(target, out var queue))
        {
            _waiting[target] = queue = new Queue<SealedBatch>();
        }

        return queue;
    }
}

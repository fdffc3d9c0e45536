using Tributary.Collector.Publishing;

namespace Tributary.Collector.Batching;

/// <summary>
/// The open batch of each target, within the node's bound. A target may hold no more than what is left free, and the more
/// targets there are, the smaller are the batches: however many are refused, one that is not still finds room. Touched by the tail loop alone.
/// </summary>
/// <param name="options">The bounds.</param>
/// <param name="window">Where closed batches go.</param>
/// <param name="time">Ages batches.</param>
/// <param name="settled">Told of a batch that had nothing to send: its marks move at once.</param>
/// <param name="abandon">Ends the publishing of what was not confirmed when the process stops.</param>
internal sealed class OpenBatches(
    CollectorOptions options, PublishWindow window, TimeProvider time, Action<SealedBatch> settled, CancellationToken abandon)
{
    private const int CapacityMin = 16 * 1024;

    private const int BytesMin = 64 * 1024;

    /// <summary>Of a batch that waits for room, this part of its bytes is kept for sources that have little in it.</summary>
    private const int Reserve = 8;

    /// <summary>Little is less than this part of a batch's bytes.</summary>
    private const int Little = 64;

    private readonly Dictionary<string, BatchBuilder> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _lastLength = new(StringComparer.Ordinal);

    public bool IsEmpty => _open.Count == 0;

    /// <summary>The target's open batch; null when there is no room to read for it now.</summary>
    public BatchBuilder? For(string target)
    {
        if (_open.TryGetValue(target, out var open) && (!open.IsFull || !TrySeal(open)))
        {
            return open.IsFull ? null : open;
        }

        return HasRoom(target)
            ? _open[target] = new BatchBuilder(target, Size(), _lastLength.GetValueOrDefault(target, CapacityMin), time.GetTimestamp())
            : null;
    }

    /// <summary>
    /// The same for a turn of one source. While the target waits for confirms, a source with much in the batch leaves the
    /// reserve to others, so that what a quiet one writes meanwhile goes with the next batch sent.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="source">Whose turn it is.</param>
    /// <param name="shared">Whether there are other sources.</param>
    public BatchBuilder? For(string target, BatchSource source, bool shared)
    {
        if (For(target) is not { } batch)
        {
            return null;
        }

        var end = int.MaxValue;
        if (shared && !window.HasRoom(target))
        {
            var little = batch.BytesMax / Little;
            end = batch.BytesOf(source) < little ? batch.Length + little : batch.BytesMax - batch.BytesMax / Reserve;
            if (batch.Length >= end)
            {
                return null;
            }
        }

        batch.EndTurnAt(end);
        return batch;
    }

    /// <summary>Closes what is full or older than <paramref name="age"/> and may be sent.</summary>
    public void SealAged(TimeSpan age)
    {
        foreach (var batch in _open.Values.ToArray())
        {
            if (batch.IsFull || time.GetElapsedTime(batch.OpenedAt) >= age)
            {
                TrySeal(batch);
            }
        }
    }

    /// <summary>When the next batch that has not reached <paramref name="age"/> will; the longest time where there is none.</summary>
    public TimeSpan UntilAged(TimeSpan age)
    {
        var least = TimeSpan.MaxValue;
        foreach (var batch in _open.Values)
        {
            var left = age - time.GetElapsedTime(batch.OpenedAt);
            least = left > TimeSpan.Zero && left < least ? left : least;
        }

        return least;
    }

    /// <summary>Closes the batch and sends it when its target has room.</summary>
    public bool TrySeal(BatchBuilder builder)
    {
        if (builder.Files.Count == 0)
        {
            _open.Remove(builder.Target);
            builder.Dispose();
            return true;
        }

        if (!window.HasRoom(builder.Target))
        {
            return false;
        }

        _open.Remove(builder.Target);
        _lastLength[builder.Target] = Math.Max(builder.Length, CapacityMin);
        Send(builder);
        return true;
    }

    private void Send(BatchBuilder builder)
    {
        var batch = new SealedBatch(builder.Target, builder.Records, builder.Length)
        {
            Files = [.. builder.Files.Keys],
            SealedAt = time.GetTimestamp(),
            Together = builder.Shared,
        };
        foreach (var (file, entry) in builder.Files)
        {
            file.AddUnconfirmed(batch, entry.End, entry.Tally);
        }

        if (builder.Records == 0)
        {
            // Nothing but lines that were not wanted: the marks move without a message.
            batch.Confirm();
            builder.Dispose();
            settled(batch);
        }
        else
        {
            window.Send(batch, builder, abandon);
        }
    }

    /// <summary>
    /// Whether the target may begin another batch. One that holds something leaves room for as much again and a batch more,
    /// so there is always one for a target that holds nothing.
    /// </summary>
    private bool HasRoom(string target)
    {
        // An open batch counts as full: many that are begun while small would outgrow the bound together.
        var held = window.HeldBytes + _open.Values.Sum(b => (long)Math.Max(b.Capacity, b.BytesMax));
        var free = options.WindowBytesMax - held;
        var own = window.HeldBytesOf(target);
        return held == 0 || (own == 0 ? free >= Size() : free >= own + 2L * Size());
    }

    /// <summary>A batch's bytes: smaller where many targets share the bound, so that one of each fits.</summary>
    private int Size()
    {
        var targets = 1 + window.TargetsInFlight + _open.Keys.Count(t => window.HeldBytesOf(t) == 0);
        return (int)Math.Min(options.BatchBytesMax, Math.Max(BytesMin, options.WindowBytesMax / (4 * targets)));
    }
}

using System.Collections.Concurrent;

namespace Tributary.Collector.Feeds;

/// <summary>
/// What a feed's reader took and the tail loop has yet to put into a batch. Bounded by bytes: a full queue stops the
/// reader, and the journal or the ring is the buffer. One writer, one reader.
/// </summary>
internal sealed class FeedQueue(int bytesMax, Action wake) : IDisposable
{
    private readonly ConcurrentQueue<FeedEntry> _entries = new();
    private readonly ManualResetEventSlim _room = new(initialState: true);
    private long _bytes;

    public bool IsEmpty => _entries.IsEmpty;

    /// <summary>Adds an entry when there is room; false when stopped before there was.</summary>
    public bool Add(FeedEntry entry, CancellationToken stopping)
    {
        try
        {
            _room.Wait(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        _entries.Enqueue(entry);
        if (Interlocked.Add(ref _bytes, entry.Bytes) >= bytesMax)
        {
            _room.Reset();
            if (Interlocked.Read(ref _bytes) < bytesMax)
            {
                // Taken in between.
                _room.Set();
            }
        }

        wake();
        return true;
    }

    public FeedEntry? Take()
    {
        if (!_entries.TryDequeue(out var entry))
        {
            return null;
        }

        if (Interlocked.Add(ref _bytes, -entry.Bytes) < bytesMax)
        {
            _room.Set();
        }

        return entry;
    }

    public void Dispose() => _room.Dispose();
}

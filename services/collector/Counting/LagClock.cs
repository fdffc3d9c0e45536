namespace Tributary.Collector.Counting;

/// <summary>
/// Since when a file's oldest unconfirmed byte has been there. Two stretches are remembered: the one that the oldest
/// unconfirmed byte lies in, and what came after it; so the age is never too small, and too great by at most the time in
/// which the bytes of one stretch came.
/// </summary>
internal struct LagClock
{
    private long _firstEnd;
    private long _firstSince;
    private long _nextEnd;
    private long _nextSince;

    /// <summary>Takes a look at the file.</summary>
    /// <param name="confirmed">Everything before it is confirmed.</param>
    /// <param name="size">The file's size.</param>
    /// <param name="now">The monotonic clock.</param>
    public void Look(long confirmed, long size, long now)
    {
        if (confirmed >= _firstEnd && _nextEnd > _firstEnd)
        {
            (_firstEnd, _firstSince) = (_nextEnd, _nextSince);
        }

        if (confirmed >= _firstEnd)
        {
            // Nothing that was seen waits: what is there beyond it is new.
            (_firstEnd, _firstSince) = (size, now);
            (_nextEnd, _nextSince) = (size, now);
        }
        else if (size > Math.Max(_firstEnd, _nextEnd))
        {
            _nextSince = _nextEnd > _firstEnd ? _nextSince : now;
            _nextEnd = size;
        }
    }

    /// <summary>When the oldest unconfirmed byte was first seen, by the monotonic clock; null when all are confirmed.</summary>
    public readonly long? Since(long confirmed, long size) =>
        confirmed >= size ? null
        : confirmed < _firstEnd || _nextEnd <= _firstEnd ? _firstSince
        : _nextSince;
}

namespace Tributary.Collector.Records.Parsing;

/// <summary>A zone's offset from UTC, looked up once for each hour that comes. Not thread-safe.</summary>
internal sealed class ZoneOffsets(TimeZoneInfo zone)
{
    private const long SecondsMax = (2553L - 1970) * 31_556_952;

    private long _quarter = long.MinValue;
    private long _offset;

    /// <summary>False outside the years that nanoseconds in 64 bits can tell.</summary>
    public bool TryToUtc(long localSeconds, ulong nanos, out ulong unixNano)
    {
        unixNano = 0;
        if (localSeconds is < -86_400 or > SecondsMax)
        {
            return false;
        }

        // Zones change at quarters of an hour at the finest.
        var quarter = Math.DivRem(localSeconds, 900).Quotient;
        if (quarter != _quarter)
        {
            _quarter = quarter;
            _offset = (long)zone.GetUtcOffset(DateTime.SpecifyKind(DateTime.UnixEpoch.AddSeconds(localSeconds), DateTimeKind.Unspecified)).TotalSeconds;
        }

        return TryToUtc(localSeconds, _offset, nanos, out unixNano);
    }

    public static bool TryToUtc(long localSeconds, long offsetSeconds, ulong nanos, out ulong unixNano)
    {
        var seconds = localSeconds - offsetSeconds;
        unixNano = seconds is < 0 or > SecondsMax ? 0 : (ulong)seconds * 1_000_000_000 + nanos;
        return seconds is >= 0 and <= SecondsMax;
    }
}

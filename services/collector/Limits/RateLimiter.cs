using Tributary.Config;

namespace Tributary.Collector.Limits;

/// <summary>One rate limit at work: of one source, or of all sources of a namespace. Touched by the tail loop alone.</summary>
internal sealed class RateLimiter(RateLimit limit, TimeProvider time)
{
    private readonly TokenBucket? _records = limit.RecordsPerSecond > 0 ? new TokenBucket(limit.RecordsPerSecond, limit.Burst, time) : null;
    private readonly TokenBucket? _bytes = limit.BytesPerSecond > 0 ? new TokenBucket(limit.BytesPerSecond, limit.Burst, time) : null;

    public RateLimit Limit => limit;

    public bool Drops => limit.Policy == RateLimitPolicy.Drop;

    /// <summary>Whether nothing may be sent now.</summary>
    public bool IsUsedUp => _records is { IsEmpty: true } || _bytes is { IsEmpty: true };

    public void Refill()
    {
        _records?.Refill();
        _bytes?.Refill();
    }

    public void Take(int bytes)
    {
        _records?.Take(1);
        _bytes?.Take(bytes);
    }
}

namespace Tributary.Collector.Limits;

/// <summary>
/// Fills at a steady rate up to a bound, by the monotonic clock: a clock that jumps changes nothing. What is taken last
/// may be more than there is, so one record larger than the bucket goes through, and is waited for afterwards.
/// </summary>
internal sealed class TokenBucket
{
    private readonly double _perSecond;
    private readonly double _capacity;
    private readonly TimeProvider _time;
    private double _tokens;
    private long _filledAt;

    public TokenBucket(double perSecond, TimeSpan burst, TimeProvider time)
    {
        (_perSecond, _capacity, _time) = (perSecond, perSecond * burst.TotalSeconds, time);
        _tokens = _capacity;
        _filledAt = time.GetTimestamp();
    }

    public bool IsEmpty => _tokens <= 0;

    public void Refill()
    {
        var now = _time.GetTimestamp();
        _tokens = Math.Min(_capacity, _tokens + _time.GetElapsedTime(_filledAt, now).TotalSeconds * _perSecond);
        _filledAt = now;
    }

    public void Take(double amount) => _tokens -= amount;
}

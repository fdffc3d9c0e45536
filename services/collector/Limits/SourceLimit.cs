using Tributary.Collector.Records;

namespace Tributary.Collector.Limits;

/// <summary>
/// How much a source may send: its own limit, its namespace's, or both. Counted is what is left after the rules. Touched by
/// the tail loop alone.
/// </summary>
/// <param name="own">By the source's LogConfig.</param>
/// <param name="shared">With the other sources of its namespace.</param>
internal sealed class SourceLimit(RateLimiter? own, RateLimiter? shared)
{
    /// <summary>Reason of what is dropped.</summary>
    public const string Reason = "rate_limit";

    private long _dropped;

    public RateLimiter? Own => own;

    /// <summary>Whether reading stops until there is more to spend.</summary>
    public bool MustWait => own is { Drops: false, IsUsedUp: true } || shared is { Drops: false, IsUsedUp: true };

    /// <summary>Takes the time that went by into account; false when the source must still wait.</summary>
    public bool Refill()
    {
        own?.Refill();
        shared?.Refill();
        return !MustWait;
    }

    /// <summary>Spends a record; false when it is to be dropped.</summary>
    public bool TryTake(int bytes)
    {
        if (own is { Drops: true, IsUsedUp: true } || shared is { Drops: true, IsUsedUp: true })
        {
            _dropped++;
            return false;
        }

        own?.Take(bytes);
        shared?.Take(bytes);
        return true;
    }

    /// <summary>Hands the account what was dropped since the last call.</summary>
    public void Settle(SourceAccount account)
    {
        if (_dropped > 0)
        {
            account.Drop(Reason, _dropped);
            _dropped = 0;
        }
    }
}

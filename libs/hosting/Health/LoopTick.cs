namespace Tributary.Hosting.Health;

/// <summary>A loop's proof of life: it ticks once a round, and is late when the last tick is older than the limit. Safe from any thread.</summary>
public sealed class LoopTick(string loop, TimeSpan limit, TimeProvider time)
{
    private long _last = time.GetTimestamp();

    public void Tick() => Interlocked.Exchange(ref _last, time.GetTimestamp());

    /// <summary>Why the loop counts as stuck; null when it ticks.</summary>
    public string? Late()
    {
        var age = time.GetElapsedTime(Interlocked.Read(ref _last));
        return age > limit ? $"the {loop} loop has not ticked for {age.TotalSeconds:F0} s (limit {limit.TotalSeconds:F0} s)" : null;
    }
}

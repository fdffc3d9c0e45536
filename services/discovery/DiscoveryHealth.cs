using System.Collections.Concurrent;

namespace Tributary.Discovery;

/// <summary>
/// What discovery can say of itself: that its own loops run (liveness, nothing downstream), and that it has lately seen
/// the node (readiness). A stuck loop shows as not live, never as live.
/// </summary>
internal sealed class DiscoveryHealth(DiscoveryOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, long> _ticks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, GoodLook> _looks = new(StringComparer.Ordinal);

    /// <summary>The loop named so runs.</summary>
    public void Tick(string loop) => _ticks[loop] = time.GetTimestamp();

    /// <summary>A source saw the node.</summary>
    public void Looked(string source, int containers)
    {
        Tick(source);
        _looks[source] = new GoodLook(source, time.GetUtcNow(), time.GetTimestamp(), containers);
    }

    /// <summary>Every loop that ever ticked did so lately.</summary>
    public HealthFact Live()
    {
        var late = _ticks.Where(t => time.GetElapsedTime(t.Value) > options.LivenessMax).Select(t => t.Key).Order().ToList();
        return late.Count == 0
            ? new HealthFact(true, "loops run")
            : new HealthFact(false, $"no sign of life from {string.Join(", ", late)} for {options.LivenessMax.TotalSeconds:0} s");
    }

    /// <summary>Some source saw the node lately.</summary>
    public HealthFact Ready()
    {
        var last = LastLook;
        if (last is null)
        {
            return new HealthFact(false, "the node was not seen yet");
        }

        var age = time.GetElapsedTime(last.Timestamp);
        return new HealthFact(
            age <= options.ListInterval + options.ReadinessMax,
            $"{last.Source} showed {last.Containers} containers {age.TotalSeconds:0} s ago");
    }

    /// <summary>The latest good look of any source; null before the first.</summary>
    public GoodLook? LastLook => _looks.Values.MaxBy(l => l.Timestamp);
}

/// <summary>One line of health, with its reason.</summary>
internal sealed record HealthFact(bool Ok, string Detail);

/// <summary>When a source last saw the node.</summary>
/// <param name="Source"><c>docker</c> or <c>pods</c>.</param>
/// <param name="Time">UTC.</param>
/// <param name="Timestamp">The same on the clock that never jumps.</param>
/// <param name="Containers">How many it saw.</param>
internal sealed record GoodLook(string Source, DateTimeOffset Time, long Timestamp, int Containers);

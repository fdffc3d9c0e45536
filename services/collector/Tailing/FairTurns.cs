using System.Runtime.InteropServices;

namespace Tributary.Collector.Tailing;

/// <summary>
/// Who reads first: fair shares by bytes among the sources of a target, after start-time fair queueing (Goyal, Vin and
/// Cheng, 1996). Each source carries the bytes it was served; the one with the least comes first, and one that was quiet
/// starts where the hungry ones are now, so it saves up nothing and waits for none of them. Touched by the tail loop alone.
/// </summary>
/// <param name="turnBytesMin">What a turn counts at least, because a batch is bounded by files too.</param>
internal sealed class FairTurns(int turnBytesMin)
{
    // One number for each target ever seen.
    private readonly Dictionary<string, long> _clocks = new(StringComparer.Ordinal);
    private readonly List<Turn> _turns = [];

    /// <summary>The source has something to read in this round.</summary>
    public void Add(FollowedSource source, TailedFile file)
    {
        var clock = CollectionsMarshal.GetValueRefOrAddDefault(_clocks, source.Spec.Target, out _);
        source.Share = Math.Max(source.Share, clock);
        _turns.Add(new Turn(source, file));
    }

    /// <summary>The round's turns, the least served first; the next round begins empty.</summary>
    public Turn[] TakeInOrder()
    {
        if (_turns.Count == 0)
        {
            return [];
        }

        Turn[] turns = [.. _turns];
        _turns.Clear();
        Array.Sort(turns, static (a, b) => a.Source.Share.CompareTo(b.Source.Share));
        for (var i = turns.Length - 1; i >= 0; i--)
        {
            // The last one written is the target's least.
            _clocks[turns[i].Source.Spec.Target] = turns[i].Source.Share;
        }

        return turns;
    }

    /// <summary>A source had its turn.</summary>
    public void Served(FollowedSource source, long bytes) => source.Share += Math.Max(bytes, turnBytesMin);

    internal readonly record struct Turn(FollowedSource Source, TailedFile File);
}

namespace Tributary.Collector.Records;

/// <summary>What happened to the records of one source since the process started. Touched by the tail loop alone.</summary>
internal sealed class SourceAccount(CollectorMetrics metrics)
{
    private readonly SortedDictionary<string, long> _dropped = new(StringComparer.Ordinal);

    /// <summary>Records dropped, by the rule's name or another reason.</summary>
    public IReadOnlyDictionary<string, long> Dropped => _dropped;

    /// <summary>Records kept whole because they did not parse.</summary>
    public long Unparsed { get; private set; }

    public void Drop(string reason, long count = 1)
    {
        _dropped[reason] = _dropped.GetValueOrDefault(reason) + count;
        metrics.Dropped(reason, count);
    }

    public void ParseFailed(string reason)
    {
        Unparsed++;
        metrics.ParseFailed(reason);
    }
}

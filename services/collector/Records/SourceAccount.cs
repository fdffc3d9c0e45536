namespace Tributary.Collector.Records;

/// <summary>
/// What happened to records that rules saw: of one file, over restarts, or of one source since the process started. A
/// file's counts are its source's too. Touched by the tail loop alone.
/// </summary>
internal sealed class SourceAccount
{
    private readonly CollectorMetrics _metrics;
    private readonly SourceAccount? _source;
    private readonly SortedDictionary<string, long> _dropped = new(StringComparer.Ordinal);

    public SourceAccount(CollectorMetrics metrics) => _metrics = metrics;

    private SourceAccount(SourceAccount source) => (_metrics, _source) = (source._metrics, source);

    /// <summary>Records dropped, by the rule's name or another reason.</summary>
    public IReadOnlyDictionary<string, long> Dropped => _dropped;

    /// <summary>Records kept whole because they did not parse.</summary>
    public long Unparsed { get; private set; }

    /// <summary>What went wrong in a rule of this source last; null when nothing did.</summary>
    public string? Problem { get; private set; }

    /// <summary>Lines read since the process started.</summary>
    public long Lines { get; private set; }

    /// <summary>Records confirmed since the process started.</summary>
    public long Records { get; private set; }

    /// <summary>Changes with each record that is dropped or does not parse.</summary>
    public int Version { get; private set; }

    /// <summary>The account of one file of this source.</summary>
    public SourceAccount ForFile() => new(this);

    public void Drop(string reason, long count = 1)
    {
        AddDrop(reason, count);
        _source?.AddDrop(reason, count);
        _metrics.Dropped(reason, count);
    }

    /// <summary>A rule threw, which none should: what it was applied to is kept.</summary>
    public void RuleFailed(string rule, Exception e)
    {
        (_source ?? this).Problem = $"{rule} failed: {e.GetType().Name}: {e.Message}";
        _metrics.RuleFailed();
    }

    public void ParseFailed(string reason)
    {
        Unparsed++;
        Version++;
        if (_source is not null)
        {
            _source.Unparsed++;
            _source.Version++;
        }

        _metrics.ParseFailed(reason);
    }

    public void CountLines(long count)
    {
        Lines += count;
        _source?.CountLines(count);
    }

    public void CountConfirmed(long records)
    {
        Records += records;
        _source?.CountConfirmed(records);
    }

    /// <summary>Goes on from what was counted before the process started.</summary>
    public void Restore(IReadOnlyDictionary<string, long>? dropped, long unparsed)
    {
        foreach (var (reason, count) in dropped ?? new Dictionary<string, long>())
        {
            _dropped[reason] = count;
        }

        Unparsed = unparsed;
    }

    private void AddDrop(string reason, long count)
    {
        _dropped[reason] = _dropped.GetValueOrDefault(reason) + count;
        Version++;
    }
}

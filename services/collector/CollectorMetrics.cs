using System.Diagnostics.Metrics;

namespace Tributary.Collector;

/// <summary>
/// The collector's counters, and the same numbers as one accounting. Everything that is dropped, split or kept against
/// the format has its counter here. Written by the tail loop and the publishing tasks.
/// </summary>
internal sealed class CollectorMetrics : IDisposable
{
    public const string MeterName = "Tributary.Collector";

    /// <summary>Reasons that are told apart: rules name them, so whoever writes configs could make any number.</summary>
    internal const int ReasonsMax = 1000;

    private static readonly double[] ConfirmBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _lines;
    private readonly Counter<long> _records;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _batches;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _lostBytes;
    private readonly Counter<long> _skippedNul;
    private readonly Counter<long> _malformed;
    private readonly Counter<long> _unparsed;
    private readonly Counter<long> _ruleErrors;
    private readonly Counter<long> _configs;
    private readonly Counter<long> _undecoded;
    private readonly Counter<long> _split;
    private readonly Counter<long> _unterminated;
    private readonly Counter<long> _cut;
    private readonly Counter<long> _files;
    private readonly Counter<long> _truncated;
    private readonly Counter<long> _fileErrors;
    private readonly Counter<long> _saveErrors;
    private readonly Counter<long> _disksLost;
    private readonly Counter<long> _spoolErrors;
    private readonly Counter<long> _drainsUnsaid;
    private readonly Counter<long> _hintsRefused;
    private readonly Counter<long> _hintsLost;
    private readonly Histogram<double> _confirmSeconds;
    private readonly SortedDictionary<string, long> _droppedByReason = new(StringComparer.Ordinal);
    private readonly Accounting _total = new();

    public CollectorMetrics()
    {
        _lines = _meter.CreateCounter<long>("tributary.collector.lines", description: "Lines read from files, partial ones included.");
        _records = _meter.CreateCounter<long>("tributary.collector.records", description: "Records confirmed by the next hop.");
        _bytes = _meter.CreateCounter<long>("tributary.collector.read", "By", "Bytes consumed from files.");
        _batches = _meter.CreateCounter<long>("tributary.collector.batches.confirmed", description: "Batches confirmed by the next hop.");
        _refused = _meter.CreateCounter<long>("tributary.collector.batches.refused", description: "Batches that the next hop refused and that are published again, by reason.");
        _dropped = _meter.CreateCounter<long>("tributary.collector.dropped", description: "Records dropped by a rule or a rate limit, and files given up with unread bytes, by reason.");
        _lostBytes = _meter.CreateCounter<long>("tributary.collector.lost", "By", "Bytes of files that were not read and are gone, by reason.");
        _skippedNul = _meter.CreateCounter<long>("tributary.collector.skipped_nul", "By", "NUL bytes passed over where a truncated file was written on at the old offset.");
        _malformed = _meter.CreateCounter<long>("tributary.collector.lines.malformed", description: "Lines that are not in their file's format; kept whole.");
        _undecoded = _meter.CreateCounter<long>("tributary.collector.lines.undecoded", description: "Lines that are not in their declared encoding; kept as bytes.");
        _split = _meter.CreateCounter<long>("tributary.collector.lines.split", description: "Cuts made in lines longer than the limit.");
        _unparsed = _meter.CreateCounter<long>("tributary.collector.records.unparsed", description: "Records kept whole because they did not parse, by reason.");
        _ruleErrors = _meter.CreateCounter<long>("tributary.collector.rules.errors", description: "Rules that failed on a record; the record is kept.");
        _configs = _meter.CreateCounter<long>("tributary.collector.config.reloads", description: "Configurations read again: taken whole, in part (what is wrong stays as it was), or not at all.");
        _unterminated = _meter.CreateCounter<long>("tributary.collector.lines.unterminated", description: "Last lines delivered without a newline.");
        _cut = _meter.CreateCounter<long>("tributary.collector.records.cut", description: "Records of several lines that were cut, by the bound that they reached.");
        _files = _meter.CreateCounter<long>("tributary.collector.files.opened", description: "Files opened.");
        _truncated = _meter.CreateCounter<long>("tributary.collector.files.truncated", description: "Files that shrank and are read again from the start.");
        _fileErrors = _meter.CreateCounter<long>("tributary.collector.files.errors", description: "Files that could not be read, by reason.");
        _saveErrors = _meter.CreateCounter<long>("tributary.collector.checkpoint.errors", description: "Checkpoint saves that failed.");
        _disksLost = _meter.CreateCounter<long>("tributary.collector.disks.lost", description: "Times that another node took over a data disk that was read here.");
        _spoolErrors = _meter.CreateCounter<long>("tributary.collector.spool.errors", description: "What went wrong with the spool, by reason; full counts each time that it became full.");
        _drainsUnsaid = _meter.CreateCounter<long>("tributary.collector.drains.unsaid", description: "Drained sources that nobody was told of, because too many messages waited for the bus.");
        _hintsRefused = _meter.CreateCounter<long>("tributary.collector.inotify.refused", description: "Folders that the kernel refused to watch; their changes are seen by polling alone.");
        _hintsLost = _meter.CreateCounter<long>("tributary.collector.inotify.overflows", description: "Times that events of inotify were lost and all files were polled instead.");
        _confirmSeconds = _meter.CreateHistogram<double>("tributary.collector.confirm.duration", "s", "From closing a batch to its confirm.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = ConfirmBuckets });
    }

    public Meter Meter => _meter;

    public void Lines(int count)
    {
        _lines.Add(count);
        _total.Lines += count;
    }

    public void BytesRead(long count)
    {
        _bytes.Add(count);
        _total.BytesRead += count;
    }

    public void FileOpened()
    {
        _files.Add(1);
        _total.Files++;
    }

    public void Confirmed(int records, TimeSpan took)
    {
        _records.Add(records);
        _batches.Add(1);
        _confirmSeconds.Record(took.TotalSeconds);
        _total.Records += records;
        _total.BatchesConfirmed++;
    }

    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Dropped(string reason, long count)
    {
        lock (_droppedByReason)
        {
            if (_droppedByReason.Count >= ReasonsMax && !_droppedByReason.ContainsKey(reason))
            {
                reason = "other";
            }

            _droppedByReason[reason] = _droppedByReason.GetValueOrDefault(reason) + count;
        }

        _dropped.Add(count, new KeyValuePair<string, object?>("reason", reason));
    }

    /// <summary>Bytes of files that were not read and are gone.</summary>
    public void LostBytes(string reason, long count) => _lostBytes.Add(count, new KeyValuePair<string, object?>("reason", reason));

    public void SkippedNul(long count) => _skippedNul.Add(count);

    public void ParseFailed(string reason) => _unparsed.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void RuleFailed() => _ruleErrors.Add(1);

    /// <param name="result"><c>taken</c>, <c>partly</c> or <c>failed</c>.</param>
    public void Reloaded(string result) => _configs.Add(1, new KeyValuePair<string, object?>("result", result));

    public void Malformed() => _malformed.Add(1);

    public void Undecoded()
    {
        _undecoded.Add(1);
        _total.Undecoded++;
    }

    public void LineSplit() => _split.Add(1);

    /// <summary>A record of several lines reached <c>lines</c>, <c>bytes</c> or <c>memory</c>.</summary>
    public void RecordCut(string bound) => _cut.Add(1, new KeyValuePair<string, object?>("bound", bound));

    public void Unterminated() => _unterminated.Add(1);

    public void FileTruncated() => _truncated.Add(1);

    public void FileError(string reason) => _fileErrors.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void DiskLost(long times) => _disksLost.Add(times);

    public void HintsRefused() => _hintsRefused.Add(1);

    public void HintsLost() => _hintsLost.Add(1);

    public void SpoolError(string reason) => _spoolErrors.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void DrainUnsaid() => _drainsUnsaid.Add(1);

    public void CheckpointError() => _saveErrors.Add(1);

    /// <summary>The totals since the process started.</summary>
    public Accounting Total()
    {
        lock (_droppedByReason)
        {
            return _total with { Dropped = new SortedDictionary<string, long>(_droppedByReason, StringComparer.Ordinal) };
        }
    }

    public void Dispose() => _meter.Dispose();
}

/// <summary>What a collector did since it started.</summary>
internal sealed record Accounting
{
    public long Files { get; set; }

    public long Lines { get; set; }

    /// <summary>Confirmed records.</summary>
    public long Records { get; set; }

    public long BytesRead { get; set; }

    /// <summary>Lines kept as bytes, because they are not in their encoding.</summary>
    public long Undecoded { get; set; }

    public long BatchesConfirmed { get; set; }

    /// <summary>By reason.</summary>
    public IReadOnlyDictionary<string, long> Dropped { get; init; } = new Dictionary<string, long>();
}

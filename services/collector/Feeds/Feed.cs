using Tributary.Collector.Batching;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Formats;
using Tributary.Collector.Records;
using Tributary.Collector.Tailing;
using Tributary.Contracts.Batches;

namespace Tributary.Collector.Feeds;

/// <summary>
/// A feed of the host as the tail loop sees it: a queue that its reader fills, and the cursor up to which it is confirmed.
/// An entry's position is the second half of its uid. Touched by the tail loop alone, but for the queue.
/// </summary>
internal sealed class Feed : BatchSource
{
    /// <summary>No device has this number: a feed's checkpoint lies among those of files.</summary>
    private const ulong NoDevice = ulong.MaxValue;

    private readonly SourceAccount _account;
    private readonly string _identity;
    private readonly byte[] _resource;
    private long _position;
    private string? _cursor;

    /// <summary>Goes on where <paramref name="known"/> ended, unless it is another feed by now.</summary>
    public Feed(FeedSource source, string identity, Checkpoint? known, string node, FeedQueue queue, CollectorMetrics metrics)
    {
        Source = source;
        Queue = queue;
        _account = new SourceAccount(metrics);
        _identity = identity;
        var same = known?.Cursor?.Split('|', 2) is [var before, _] && before == identity;
        SourceId = same ? known!.SourceId : NewId();
        if (same)
        {
            _position = known!.Stdout.Offset;
            _cursor = known.Cursor!.Split('|', 2)[1] is { Length: > 0 } cursor ? cursor : null;
        }

        Durable = same;
        Kept = Confirmed = Mark();
        _resource = OtlpResource.Encode(new Dictionary<string, string>
        {
            ["host.name"] = node,
            [OtlpAttributes.SourceId] = SourceId,
            [OtlpAttributes.FilePath] = source.Key,
        });
    }

    public FeedSource Source { get; }

    public FeedQueue Queue { get; }

    public override string SourceId { get; }

    /// <summary>Why it is not read now; null when it is.</summary>
    public volatile string? Problem;

    /// <summary>Where reading begins, as the reader wants it.</summary>
    public (string? Cursor, long Position) Resume => (_cursor, _position);

    public override FileMark Mark() => new(new StreamMark(_position, 0, false), new StreamMark(_position, 0, false), Cursor: _cursor);

    public override byte[] Resource(LogStream stream) => _resource;

    public override string StreamName(LogStream stream) => "";

    /// <summary>Puts waiting entries into the batch until it is full, at most <paramref name="bytesMax"/> of them; whether there were any.</summary>
    public bool Take(BatchBuilder batch, LogRecord record, RecordPipeline? rules, ulong observed, int bytesMax)
    {
        if (Queue.IsEmpty)
        {
            return false;
        }

        batch.Begin(this);
        record.SourceId = SourceId;
        while (bytesMax > 0 && !batch.IsFull && Queue.Take() is { } entry)
        {
            record.Begin(LogStream.Stdout, entry.TimeUnixNano, entry.Position, 0, entry.Body);
            record.SeverityNumber = entry.SeverityNumber;
            foreach (var (key, text) in entry.Attributes)
            {
                record.Add(key, text);
            }

            if (rules is null || rules.Apply(record, _account))
            {
                batch.Append(record, observed);
            }

            _position = entry.Position + 1;
            _cursor = entry.Cursor;
            bytesMax -= entry.Bytes;
        }

        rules?.Settle(_account);
        batch.End();
        return true;
    }

    public override Checkpoint ToCheckpoint(long nowUnixSeconds) => new()
    {
        SourceId = SourceId,
        Path = Source.Key,
        Declaration = Source.Config,
        Target = Source.Target,
        Device = NoDevice,
        Inode = Crc32C.Compute(System.Text.Encoding.UTF8.GetBytes(Source.Key)),
        Stdout = Kept.Stdout,
        Stderr = Kept.Stderr,
        Cursor = $"{_identity}|{Kept.Cursor}",
        LastSeen = nowUnixSeconds,
    };
}

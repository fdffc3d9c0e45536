using Tributary.Collector.Batching;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Counting;
using Tributary.Collector.Formats;
using Tributary.Collector.Records;
using Tributary.Collector.Records.Multiline;
using Tributary.Collector.Tailing.Decoding;
using Tributary.Contracts;
using Tributary.Contracts.Batches;

namespace Tributary.Collector.Tailing;

/// <summary>
/// One file, held open from first sight until it is read to its end and confirmed, whatever happens to its name.
/// Touched by the tail loop alone. Offsets only grow; a truncated file becomes another TailedFile with another id.
/// </summary>
internal sealed class TailedFile : BatchSource, IDisposable
{
    private readonly StreamState[] _streams = [new(), new()];
    private readonly byte[]?[] _resources = new byte[]?[2];
    private readonly FileCounter _counter;
    private LagClock _lag;
    private SourceSpec _source;

    public TailedFile(SourceSpec source, LogBytes bytes, FileStat stat, Fingerprint fingerprint, Checkpoint? known, string sourceId, SourceAccount account, long start = 0)
    {
        _source = source;
        Bytes = bytes;
        Key = stat.Key;
        CheckpointKey = source.CheckpointKeyOf(stat.Key);
        Size = stat.Size;
        Format = source.Format;
        FirstPath = known?.Path ?? source.Path;
        SourceId = sourceId;
        Fingerprint = fingerprint;
        RealPath = known?.RealPath;
        Position = start;
        _streams[0].Resume = _streams[1].Resume = start;
        if (known is not null)
        {
            Restore(LogStream.Stdout, known.Stdout);
            Restore(LogStream.Stderr, known.Stderr);
            Position = known.Offset;
            MidLine = (known.Stdout.Offset <= known.Stderr.Offset ? known.Stdout : known.Stderr).MidLine;
        }

        Account = account;
        _counter = new FileCounter(known?.Tally, Position, account);
        Drained = known?.Drained ?? default;
        Tail = bytes.IsCompressed ? default : TailMark.At(bytes.Handle, Position);
        Kept = Confirmed = Mark();
        KeptTally = ConfirmedTally = _counter.Tally;
    }

    /// <summary>What is declared of it; a change renews what its records carry.</summary>
    public SourceSpec Source
    {
        get => _source;
        set
        {
            _source = value;
            _resources[0] = _resources[1] = null;
            IsEncodingKnown = false;
        }
    }

    public LogBytes Bytes { get; private set; }

    /// <summary>A hash over its first bytes, more as it grows.</summary>
    public Fingerprint Fingerprint { get; private set; }

    /// <summary>Where it lies, when the source's path leads there by a link; null when the path says so.</summary>
    public string? RealPath { get; init; }

    /// <summary>When it was first seen to be deleted, by the monotonic clock; null while it has a name.</summary>
    public long? DeletedAt { get; set; }

    /// <summary>Bytes of the disk that are taken only because it is open.</summary>
    public long HeldBytes { get; set; }

    /// <summary>What rules did to its records; its source's counts too.</summary>
    public SourceAccount Account { get; }

    public override FileTally Tally => _counter.Tally;

    /// <summary>Id of the last message that said it is drained; empty when none did.</summary>
    public Guid Drained { get; set; }

    /// <summary>Where its checkpoint is kept.</summary>
    public CheckpointHome Home { get; init; } = CheckpointHome.None;

    public FileKey Key { get; private set; }

    public override string SourceId { get; }

    /// <summary>The path at first sight, which records carry.</summary>
    public string FirstPath { get; }

    /// <summary>Auto until the first line was seen.</summary>
    public LogFormat Format { get; set; }

    /// <summary>Of a file that is not UTF-8; shared by all files of the encoding.</summary>
    public LineDecoder? Decoder { get; set; }

    /// <summary>Whether <see cref="Decoder"/> is settled: the first bytes may tell.</summary>
    public bool IsEncodingKnown { get; set; }

    /// <summary>The next byte to read.</summary>
    public long Position { get; set; }

    /// <summary>The last bytes before <see cref="Position"/>: while the file has them, it was not rewritten.</summary>
    public TailMark Tail { get; set; }

    /// <summary>Reading found other content before <see cref="Position"/>: nothing more is read under this id.</summary>
    public bool Rewritten { get; set; }

    /// <summary>When the file last changed, by the file system's clock, Unix nanoseconds.</summary>
    public long FileChangedAt { get; set; }

    /// <summary>Whether <see cref="Position"/> lies inside an overlong line.</summary>
    public bool MidLine { get; set; }

    /// <summary>The size when last looked at.</summary>
    public long Size { get; set; }

    /// <summary>When the size last changed or data was last read, by the monotonic clock.</summary>
    public long ChangedAt { get; set; }

    /// <summary>The path leads elsewhere by now; the writer may go on for a while.</summary>
    public bool Rotated { get; set; }

    /// <summary>Reads that failed in a row.</summary>
    public int Failures { get; set; }

    /// <summary>When a file whose reading failed is tried again, by the monotonic clock.</summary>
    public long RetryAt { get; set; }

    /// <summary>It could not be read to its end and is not tried any more; counted as dropped.</summary>
    public bool GivenUp { get; set; }

    /// <summary>The size at which reading last found no whole line; it is not tried again before the file changes.</summary>
    public long StalledAtSize { get; set; } = -1;

    /// <summary>The file shrank and is read again as another one: this one's checkpoint is void.</summary>
    public bool Superseded { get; set; }

    /// <summary>Another declaration goes on from what is confirmed of it: nothing more is read, and it closes without waiting for quiet.</summary>
    public bool HandsOver { get; set; }

    /// <summary>As it was when the file was opened, whatever its source is declared as by now.</summary>
    public CheckpointKey CheckpointKey { get; private set; }

    public bool AtEnd => Position >= Size;

    /// <summary>Whether a piece of a line that goes on in the next file is not delivered yet.</summary>
    public bool IsKept => _streams[0].Kept is not null || _streams[1].Kept is not null;

    /// <summary>Whether lines of the file before it may go on in it: the runtimes' formats cut lines in pieces.</summary>
    public bool MayContinue => Format is not LogFormat.Raw;

    public bool HasPending => _streams[0].HasPending || _streams[1].HasPending;

    /// <summary>Whether a record of whole lines waits for what follows.</summary>
    public bool HasOpen => _streams[0].Open is { IsOpen: true } || _streams[1].Open is { IsOpen: true };

    /// <summary>Nothing but what a writer may still have in hand comes: read to the end, then closed.</summary>
    public bool IsEnding => Rotated || !Source.Growing;

    /// <summary>Everything before it is confirmed.</summary>
    public long ConfirmedOffset => Math.Min(Confirmed.Stdout.Offset, Confirmed.Stderr.Offset);

    /// <summary>Bytes not yet confirmed.</summary>
    public long LagBytes => Math.Max(0, Size - ConfirmedOffset);

    /// <summary>When its oldest unconfirmed byte was first seen, by the monotonic clock; null when all are confirmed.</summary>
    public long? BehindSince => _lag.Since(ConfirmedOffset, Size);

    public StreamState Stream(LogStream stream) => _streams[(int)stream];

    public override FileMark Mark() => new(MarkOf(_streams[0]), MarkOf(_streams[1]), Tail);

    public override byte[] Resource(LogStream stream) => _resources[(int)stream] ??= EncodeResource(stream);

    /// <summary>What it is called now; null when it has no name any more.</summary>
    public string? CurrentPath()
    {
        if (Bytes.Handle.IsClosed)
        {
            return null;
        }

        try
        {
            var path = File.ResolveLinkTarget($"/proc/self/fd/{Bytes.Handle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName;
            return path is null || path.EndsWith(" (deleted)", StringComparison.Ordinal) ? null : path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Takes a look at how far confirming is behind.</summary>
    public void TimeLag(long now) => _lag.Look(ConfirmedOffset, Size, now);

    protected override void OnConfirmed(FileTally? tally)
    {
        Account.CountConfirmed(tally!.Records - ConfirmedTally!.Records);
        base.OnConfirmed(tally);
    }

    public override void Emitted(int records, ulong first, ulong last) => _counter.Emitted(records, first, last);

    /// <summary>Counts bytes that were consumed.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="offset">Where in the file they begin.</param>
    /// <param name="newlines">How many of them are newlines.</param>
    public void Consumed(ReadOnlySpan<byte> data, long offset, int newlines) => _counter.Consumed(data, offset, newlines);

    /// <summary>Lets the fingerprint grow with a small file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public void RefreshFingerprint()
    {
        if (!Bytes.IsCompressed && Fingerprint.Length < Fingerprint.LengthMax && Size > Fingerprint.Length)
        {
            Fingerprint = Fingerprint.Of(Bytes.Handle);
        }
    }

    /// <summary>Whether the file holds other content than what is known of it.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool IsRewritten() =>
        this is { Superseded: false, GivenUp: false, Bytes.IsCompressed: false } && !(Tail.Matches(Bytes.Handle) && Fingerprint.Matches(Bytes.Handle));

    /// <summary>What was read goes on in another file, a copy or a compressed one.</summary>
    public void MoveTo(LogBytes bytes, FileKey key, long size)
    {
        Bytes.Dispose();
        Bytes = bytes;
        Key = key;
        CheckpointKey = CheckpointKey with { File = key };
        Size = size;
        Rewritten = Superseded = GivenUp = false;
        Rotated = true;
        StalledAtSize = -1;
        (DeletedAt, HeldBytes) = (null, 0);
    }

    /// <summary>Passes over bytes that are no text.</summary>
    public void SkipTo(long position)
    {
        Position = position;
        Tail = default;
    }

    /// <summary>Nothing more is read, and the disk is freed.</summary>
    public void LetGo()
    {
        GivenUp = true;
        Size = Position;
        HeldBytes = 0;
        Format = Format == LogFormat.Auto ? LogFormat.Raw : Format;
        Bytes.Dispose();
    }

    public override Checkpoint ToCheckpoint(long nowUnixSeconds) => new()
    {
        SourceId = SourceId,
        Path = FirstPath,
        Declaration = CheckpointKey.Declaration,
        Target = CheckpointKey.Target,
        Device = Key.Device,
        Inode = Key.Inode,
        FingerprintLength = Fingerprint.Length,
        FingerprintHash = Fingerprint.Hash,
        Stdout = Kept.Stdout,
        Stderr = Kept.Stderr,
        Size = Math.Max(Size, Kept.End),
        Tail = Kept.Tail,
        Compressed = Bytes.IsCompressed,
        RealPath = RealPath,
        LastSeen = nowUnixSeconds,
        Tally = KeptTally,
        Drained = Drained,
    };

    public void Dispose()
    {
        _streams[0].ClearPending();
        _streams[1].ClearPending();
        _streams[0].Open?.ReturnBuffer();
        _streams[1].Open?.ReturnBuffer();
        Bytes.Dispose();
    }

    private void Restore(LogStream stream, StreamMark mark)
    {
        Stream(stream).Resume = mark.Offset;
        Stream(stream).Part = mark.Part;
        Stream(stream).Skip = mark.Skip;
        if (mark.Cut > 0)
        {
            Stream(stream).Open = new OpenRecord { Cut = mark.Cut };
        }
    }

    private StreamMark MarkOf(StreamState stream)
    {
        if (stream.Kept is { } kept)
        {
            return kept;
        }

        if (stream.Open is { IsOpen: true } open)
        {
            return new StreamMark(open.Start, 0, false, 0, open.CutAtStart);
        }

        var cut = stream.Open?.Cut ?? 0;
        return stream.HasPending
            ? new StreamMark(stream.PendingStart, stream.Part, false, stream.PendingSkip, cut)
            : new StreamMark(Math.Max(Position, stream.Resume), stream.Part, MidLine, stream.Skip, cut);
    }

    private byte[] EncodeResource(LogStream stream)
    {
        var attributes = new Dictionary<string, string>(Source.Attributes)
        {
            [OtlpAttributes.SourceId] = SourceId,
            [OtlpAttributes.FilePath] = FirstPath,
        };
        if (Format is LogFormat.Cri or LogFormat.Docker)
        {
            attributes[OtlpAttributes.IoStream] = StreamName(stream);
        }

        return OtlpResource.Encode(attributes);
    }

    public override string StreamName(LogStream stream) =>
        Format is LogFormat.Raw or LogFormat.Auto ? "" : stream == LogStream.Stdout ? "stdout" : "stderr";
}

/// <summary>A file's resume offsets, and what stood before the position that was read up to; or a feed's, with its cursor.</summary>
internal readonly record struct FileMark(StreamMark Stdout, StreamMark Stderr, TailMark Tail = default, string? Cursor = null)
{
    /// <summary>The greater of the streams' offsets.</summary>
    public long End => Math.Max(Stdout.Offset, Stderr.Offset);
}

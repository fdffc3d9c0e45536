using Microsoft.Extensions.Logging;
using Tributary.Collector.Batching;
using Tributary.Contracts.Batches;
using Tributary.Hosting;

namespace Tributary.Collector.Spooling;

/// <summary>
/// The disk spool: batches that the next hop does not take, in segments, oldest first. It is a hop of its own: a batch
/// that <see cref="Append"/> synced is safe, whatever becomes of its file, and stays until its confirm. Bounded by
/// <see cref="CollectorOptions.SpoolBytesMax"/> and a number of batches; beyond them it refuses, and reading waits. Held
/// by one process at a time. Safe from any thread.
/// </summary>
internal sealed partial class BatchSpool : IDisposable
{
    /// <summary>What is remembered of each batch is bounded too.</summary>
    private const int BatchesMax = 64 * 1024;

    private const int EWouldBlock = 11;

    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly CollectorOptions _options;
    private readonly CollectorMetrics _metrics;
    private readonly ILogger<BatchSpool> _logger;
    private readonly List<SpoolSegment> _segments = [];
    private readonly Dictionary<SealedBatch, SpoolPlace> _places = [];
    private Microsoft.Win32.SafeHandles.SafeFileHandle? _held;
    private SpoolSegment? _last;
    private long _next = 1;

    /// <summary>Opens the folder, made when missing, and takes in what an earlier process left.</summary>
    /// <exception cref="IOException">Another process holds the folder, or it cannot be read or written.</exception>
    public BatchSpool(CollectorOptions options, CollectorMetrics metrics, TimeProvider time, ILogger<BatchSpool> logger)
    {
        _options = options;
        _metrics = metrics;
        _logger = logger;
        _folder = options.SpoolPath;
        if (!IsOn)
        {
            return;
        }

        FolderSync.Make(_folder);
        try
        {
            _held = File.OpenHandle(Path.Combine(_folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == EWouldBlock)
        {
            throw new IOException($"The spool {Path.GetFullPath(_folder)} is in use by another process; stop that one or name another folder. ({e.Message})", e);
        }

        Restored = Load(time.GetTimestamp());
        if (Restored.Count > 0)
        {
            LogRestored(_logger, Restored.Count);
        }
    }

    public bool IsOn => _folder.Length > 0;

    /// <summary>Batches of an earlier process that were not confirmed, in order.</summary>
    public IReadOnlyList<SealedBatch> Restored { get; } = [];

    /// <summary>Bytes on the disk.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _segments.Sum(s => s.Length);
            }
        }
    }

    /// <summary>Batches in it that are not confirmed.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _places.Count;
            }
        }
    }

    /// <summary>Whether so many bytes more stay within its bounds.</summary>
    public bool Takes(long bytes) => IsOn && Count < BatchesMax && Bytes + bytes <= _options.SpoolBytesMax;

    /// <summary>Writes the batches in order; when it returns, they are on the disk.</summary>
    /// <exception cref="IOException">The disk is full or fails: none of them is in the spool.</exception>
    public void Append(IReadOnlyList<(SealedBatch Sealed, LogBatch Batch)> batches)
    {
        lock (_lock)
        {
            if (_held is null)
            {
                throw new IOException("The spool is closed.");
            }

            var segment = Segment();
            var before = segment.Length;
            try
            {
                var places = new long[batches.Count];
                for (var i = 0; i < batches.Count; i++)
                {
                    places[i] = segment.Append(SpoolRecord.Encode(_next + i, batches[i].Sealed.RawBytes, batches[i].Batch));
                }

                segment.Sync();
                _next += batches.Count;
                segment.Outstanding += batches.Count;
                for (var i = 0; i < batches.Count; i++)
                {
                    _places[batches[i].Sealed] = new SpoolPlace(segment, places[i]);
                }
            }
            catch
            {
                // After a failed sync nobody knows what of the file is on the disk: go on in another.
                segment.CutBack(before);
                _last = null;
                DeleteWhenDone(segment);
                throw;
            }
        }
    }

    /// <summary>Reads a batch back.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public LogBatch Read(SealedBatch batch)
    {
        SpoolPlace place;
        lock (_lock)
        {
            place = _places[batch];
        }

        return place.Segment.Read(place.Offset);
    }

    /// <summary>The batch is confirmed, or can never be: a segment goes with the last of its batches. Nothing happens to one that is not in it.</summary>
    public void Remove(SealedBatch batch)
    {
        lock (_lock)
        {
            if (_places.Remove(batch, out var place))
            {
                place.Segment.Outstanding--;
                DeleteWhenDone(place.Segment);
                if (_places.Count == 0)
                {
                    CloseLast();
                }
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _segments.ForEach(s => s.Dispose());
            _held?.Dispose();
            _held = null;
        }
    }

    /// <summary>The segment that is written to now.</summary>
    private SpoolSegment Segment()
    {
        if (_last is { } last && last.Length < SegmentBytes)
        {
            return last;
        }

        CloseLast();
        _last = SpoolSegment.Create(_folder, _next);
        _segments.Add(_last);
        FolderSync.Sync(_folder);
        return _last;
    }

    private void CloseLast()
    {
        if (_last is { } last)
        {
            _last = null;
            last.Close();
            DeleteWhenDone(last);
        }
    }

    /// <summary>Small against the bound, because a segment goes as a whole.</summary>
    private long SegmentBytes => Math.Clamp(_options.SpoolBytesMax / 16, 1024 * 1024, 64 * 1024 * 1024);

    private void DeleteWhenDone(SpoolSegment segment)
    {
        if (segment is not { Closed: true, Outstanding: 0 })
        {
            return;
        }

        _segments.Remove(segment);
        try
        {
            File.Delete(segment.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start finds its batches again: repeats.
            _metrics.SpoolError("delete");
            LogFailed(_logger, segment.Path, e.Message);
        }
    }

    private List<SealedBatch> Load(long now)
    {
        var restored = new List<SealedBatch>();
        foreach (var path in Directory.EnumerateFiles(_folder, SpoolSegment.Pattern).Order(StringComparer.Ordinal).ToArray())
        {
            var found = new List<(SealedBatch Batch, long Offset)>();
            var first = _next;
            var (end, problem) = SpoolSegment.Scan(path, (offset, sequence, raw, batch) =>
            {
                first = found.Count == 0 ? sequence : first;
                _next = Math.Max(_next, sequence + 1);
                found.Add((new SealedBatch(batch.Target, batch.Records, raw) { Files = [], SealedAt = now, IsRestored = true, IsBehind = true }, offset));
            });
            if (problem is not null)
            {
                Cut(path, end, problem);
            }

            var segment = new SpoolSegment(path, first, end) { Outstanding = found.Count };
            segment.Close();
            _segments.Add(segment);
            foreach (var (batch, offset) in found)
            {
                batch.MarkSpooled();
                _places[batch] = new SpoolPlace(segment, offset);
                restored.Add(batch);
            }

            DeleteWhenDone(segment);
        }

        return restored;
    }

    /// <summary>What was being written when the process ended was told nobody: its lines are read again. Damage elsewhere is a loss, and counted.</summary>
    private void Cut(string path, long end, string problem)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        _metrics.SpoolError("cut");
        LogCut(_logger, path, RandomAccess.GetLength(file) - end, end, problem);
        RandomAccess.SetLength(file, end);
        RandomAccess.FlushToDisk(file);
    }

    private readonly record struct SpoolPlace(SpoolSegment Segment, long Offset);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} batches wait in the spool from before; they go out first.")]
    private static partial void LogRestored(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path}: the last {Bytes} bytes, from {End} on, are no whole batch ({Problem}) and are cut off. Lines of a write that was under way are read again from their files.")]
    private static partial void LogCut(ILogger logger, string path, long bytes, long end, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} cannot be deleted: {Error}")]
    private static partial void LogFailed(ILogger logger, string path, string error);
}

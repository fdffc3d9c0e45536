using Tributary.Collector.Checkpoints;
using Tributary.Collector.Counting;
using Tributary.Collector.Formats;
using Tributary.Collector.Records;
using Tributary.Collector.Tailing;
using Tributary.Contracts.Batches;

namespace Tributary.Collector.Batching;

/// <summary>
/// The open batch of one target: many files' records, encoded as they come. A file with one stream is written in
/// place; the other stream of the same turn goes to a side buffer and follows as a section of its own. Bounded by
/// <see cref="CollectorOptions.BatchBytesMax"/> plus one record. Touched by the tail loop alone.
/// </summary>
internal sealed class BatchBuilder(string target, int bytesMax, int capacity, long openedAt) : IDisposable
{
    /// <summary>Closed a little below the maximum, so that most full batches fit into a pooled array of the maximum's size.</summary>
    private readonly int _full = bytesMax - bytesMax / 64;

    /// <summary>
    /// Files in one batch. Each adds up to two ranges of about 60 bytes to the headers, and AMQP bounds all headers of a
    /// message by one frame (128 KiB).
    /// </summary>
    internal const int FilesMax = 500;

    private readonly OtlpBatchWriter _main = new(capacity);
    private readonly Dictionary<BatchSource, FileEntry> _files = [];
    private HashSet<BatchSource>? _together;
    private OtlpBatchWriter? _side;
    private BatchSource? _file;
    private FileEntry _entry = null!;
    private int _current = -1;
    private int _recordsBefore;
    private ulong _beforeFirst;
    private ulong _last;
    private ulong _observed;
    private int _turnEnd = int.MaxValue;

    public string Target => target;

    public int BytesMax => bytesMax;

    /// <summary>When its first record came, by the monotonic clock.</summary>
    public long OpenedAt => openedAt;

    public int Length => _main.Length + (_side?.Length ?? 0);

    public int Records => _main.Records;

    /// <summary>Bytes of buffers rented.</summary>
    public int Capacity => _main.Capacity + (_side?.Capacity ?? 0);

    /// <summary>See <see cref="SealedBatch.Together"/>.</summary>
    public IReadOnlyCollection<BatchSource>? Shared => _together;

    /// <summary>Whether it is to be closed before more is added; within a turn, whether the turn is over.</summary>
    public bool IsFull => Length >= Math.Min(_full, _turnEnd) || _files.Count >= FilesMax;

    /// <summary>The finished request.</summary>
    public ReadOnlyMemory<byte> Written => _main.Written;

    public IReadOnlyDictionary<BatchSource, FileEntry> Files => _files;

    /// <summary>Bytes of the source's content that it holds.</summary>
    public long BytesOf(BatchSource source) => _files.TryGetValue(source, out var entry)
        ? Math.Max(entry.End.Stdout.Offset - entry.Start.Stdout.Offset, entry.End.Stderr.Offset - entry.Start.Stderr.Offset)
        : 0;

    /// <summary>The next turn ends when the batch has this length.</summary>
    public void EndTurnAt(int length) => _turnEnd = length;

    /// <summary>A file's turn begins.</summary>
    public void Begin(BatchSource file)
    {
        _file = file;
        _current = -1;
        if (!_files.TryGetValue(file, out _entry!))
        {
            _entry = new FileEntry(file.Mark());
        }

        _recordsBefore = _entry.Records;
        _beforeFirst = ulong.MaxValue;
        _last = 0;
    }

    public void Append(LogStream stream, ulong time, ulong observed, long offset, int part, ReadOnlySpan<byte> text, bool knownUtf8 = false)
    {
        var writer = _main;
        if (_current != (int)stream)
        {
            writer = Switch(stream);
        }

        writer.Append(time, observed, offset, part, text, knownUtf8);
        _entry.Count(stream);
        Note(time, observed);
    }

    /// <summary>Adds a record that rules parsed or shaped.</summary>
    public void Append(LogRecord record, ulong observed)
    {
        var writer = _current == (int)record.Stream ? _main : Switch(record.Stream);
        writer.BeginRecord(record.TimeUnixNano, observed, record.Offset, record.Part, record.SeverityNumber, record[record.SeverityText], record.BodyBytes);
        foreach (var field in record.Fields)
        {
            var key = record[field.Key];
            switch (field.Kind)
            {
                case FieldKind.Text:
                    writer.AddAttribute(key, record[field.Text]);
                    break;
                case FieldKind.Int:
                    writer.AddAttribute(key, field.Bits);
                    break;
                case FieldKind.Double:
                    writer.AddAttribute(key, BitConverter.Int64BitsToDouble(field.Bits));
                    break;
                case FieldKind.Bool:
                    writer.AddAttribute(key, field.Bits != 0);
                    break;
                case FieldKind.Encoded:
                    writer.AddEncodedAttribute(key, record[field.Text]);
                    break;
            }
        }

        writer.EndRecord();
        _entry.Count(record.Stream);
        Note(record.TimeUnixNano, observed);
    }

    /// <summary>The file's turn ends: what was taken of it so far belongs to this batch, dropped lines included.</summary>
    public void End()
    {
        _turnEnd = int.MaxValue;
        if (_current >= 0)
        {
            _main.EndSection();
        }

        if (_side is { Length: > 0 })
        {
            _side.EndSection();
            _main.AppendSections(_side);
            _side.Clear();
        }

        if (_entry.Records > _recordsBefore)
        {
            // Records without a time of their own count by when they were read.
            _file!.Emitted(_entry.Records - _recordsBefore, _last == 0 ? _observed : _beforeFirst + 1, _last == 0 ? _observed : _last);
        }

        var mark = _file!.Mark();
        if (_entry.End != mark || _entry.Records > 0)
        {
            _entry.End = mark;
            _entry.Tally = _file.Tally;
            _files[_file] = _entry;
        }
    }

    /// <summary>A line of several files went in: their marks move together.</summary>
    public void Together(IEnumerable<BatchSource> sources) => (_together ??= []).UnionWith(sources);

    /// <summary>The headers' source ranges.</summary>
    public List<SourceRange> Ranges()
    {
        var ranges = new List<SourceRange>(_files.Count);
        foreach (var (file, entry) in _files)
        {
            Add(ranges, file, LogStream.Stdout, entry.Start.Stdout, entry.End.Stdout, entry.Stdout);
            Add(ranges, file, LogStream.Stderr, entry.Start.Stderr, entry.End.Stderr, entry.Stderr);
        }

        return ranges;
    }

    public void Dispose()
    {
        _main.Dispose();
        _side?.Dispose();
    }

    private static void Add(List<SourceRange> ranges, BatchSource file, LogStream stream, StreamMark start, StreamMark end, int records)
    {
        if (records > 0)
        {
            // Parts of the text at the end went out already: they start there too.
            var after = end.Skip > 0 ? end.Offset + 1 : end.Offset;
            ranges.Add(new SourceRange(file.SourceId, file.StreamName(stream), start.Offset, after, records));
        }
    }

    /// <summary>Keeps the turn's earliest and latest time; one less than 0 is none.</summary>
    private void Note(ulong time, ulong observed)
    {
        _observed = observed;
        if (time - 1 < _beforeFirst)
        {
            _beforeFirst = time - 1;
        }

        if (time > _last)
        {
            _last = time;
        }
    }

    /// <summary>The stream that comes first in a turn is written in place, the other aside.</summary>
    private OtlpBatchWriter Switch(LogStream stream)
    {
        if (_current < 0)
        {
            _current = (int)stream;
            _main.BeginSection(_file!.Resource(stream));
            return _main;
        }

        _side ??= new OtlpBatchWriter();
        if (_side.Length == 0)
        {
            _side.BeginSection(_file!.Resource(stream));
        }

        return _side;
    }

    /// <summary>What of one file a batch holds.</summary>
    internal sealed class FileEntry(FileMark start)
    {
        public FileMark Start { get; } = start;

        public FileMark End { get; set; } = start;

        /// <summary>What was counted of the file at <see cref="End"/>.</summary>
        public FileTally? Tally { get; set; }

        public int Stdout { get; private set; }

        public int Stderr { get; private set; }

        public int Records => Stdout + Stderr;

        public void Count(LogStream stream)
        {
            if (stream == LogStream.Stdout)
            {
                Stdout++;
            }
            else
            {
                Stderr++;
            }
        }
    }
}

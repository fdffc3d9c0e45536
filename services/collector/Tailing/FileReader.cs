using Tributary.Collector.Batching;
using Tributary.Collector.Formats;
using Tributary.Collector.Limits;
using Tributary.Collector.Records;
using Tributary.Collector.Records.Multiline;
using Tributary.Collector.Tailing.Decoding;
using Tributary.Contracts;

namespace Tributary.Collector.Tailing;

/// <summary>
/// Reads one file's next bytes into a batch: whole lines only, joined over partials, split at the cap. Nothing is
/// skipped: what does not parse is kept whole and counted. One reader serves all files, one after another; the read
/// buffer grows to the longest line allowed and no further. What becomes of a line is in the other file. Not thread-safe.
/// </summary>
internal sealed partial class FileReader(CollectorOptions options, RuleCatalog rules, CollectorMetrics metrics, TimeProvider time)
{
    /// <summary>What framing may add to a line: docker escapes each byte of a 16 KiB piece to six at worst.</summary>
    private const int FramingBytes = 128 * 1024;

    /// <summary>How much of a file's first line is looked at to tell its format.</summary>
    private const int DetectBytes = 64 * 1024;

    private readonly Rfc3339 _times = new();
    private readonly DockerLine _docker = new();
    private readonly MultilineAssembler _assembler = new(new RecordSink(), metrics, options.PartialBytesMax, time);
    private readonly int _bufferMax = Math.Max(options.ReadBytes, options.LineBytesMax + FramingBytes);
    private byte[] _buffer = new byte[options.ReadBytes + TailMark.LengthMax];
    private ulong _observed;
    private long _pendingBytes;
    private int _newlines;
    private RecordPipeline? _pipeline;
    private readonly FileDecoders _decoders = new();
    private LineDecoder? _decoder;
    private bool _isPlain;
    private SourceLimit? _limit;

    /// <summary>Reads at most one quantum.</summary>
    /// <param name="file">The file; its position and streams move on.</param>
    /// <param name="batch">Takes the records; reading stops when it is full.</param>
    /// <param name="flush">Deliver an unfinished last line too: the file will not grow, or waited long enough.</param>
    /// <param name="limit">How much the source may send; null for any amount.</param>
    /// <returns>Whether anything was consumed.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool Read(TailedFile file, BatchBuilder batch, bool flush, SourceLimit? limit = null)
    {
        // Never beyond the size that was measured: what follows may be another file's content by now.
        var left = file.Size - file.Position;
        if (!Fill(file, (int)Math.Min(options.ReadBytes, left), out var data))
        {
            return false;
        }

        _decoder = _decoders.Of(file, data);
        if (data.Length == options.ReadBytes && !HasNewline(file, data))
        {
            Array.Resize(ref _buffer, _bufferMax + TailMark.LengthMax);
            if (!Fill(file, (int)Math.Min(_bufferMax, left), out data))
            {
                return false;
            }
        }

        if (Hole.Begins(file, data))
        {
            batch.Begin(file);
            var skipped = Hole.Skip(file, data, metrics);
            batch.End();
            return skipped;
        }

        var read = data.Length;
        var atEnd = file.Position + read >= file.Size;
        if (file.Format == LogFormat.Auto && !Detect(file, data, flush))
        {
            return false;
        }

        // Docker's files are UTF-8 by themselves.
        _decoder = file.Format == LogFormat.Docker ? null : _decoder;
        _isPlain = _decoder is null && !file.Source.StripReturn;
        _observed = (ulong)(time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        _pipeline = rules.For(file.Source.Config);
        _limit = limit;
        var before = file.Position;
        BeginTurn(file, batch);
        var consumed = _decoder is { IsWide: true } ? ReadWideLines(file, batch, data, _decoder) : ReadLines(file, batch, data);
        if (consumed == 0 && read == _bufferMax && !Stops(batch))
        {
            SplitOverlong(file, batch, data);
        }
        else if (flush && atEnd && consumed < read && !Stops(batch))
        {
            FlushTail(file, batch, data[consumed..]);
        }

        if (flush && file.Position >= file.Size)
        {
            FlushPending(file, batch);
        }

        if (file.HasOpen)
        {
            EndOpen(file, all: flush && file is { AtEnd: true, IsEnding: true });
        }

        var moved = file.Position - before;
        if (moved > 0)
        {
            file.Consumed(data[..(int)moved], before, _newlines);
            file.Tail = TailMark.Of(_buffer.AsSpan(0, file.Tail.Length + (int)moved), file.Position);
        }

        EndTurn(file, batch);
        metrics.BytesRead(moved);
        return moved > 0;
    }

    /// <summary>Forgets a file's unfinished lines in the common bound.</summary>
    public void Release(TailedFile file)
    {
        foreach (var stream in (ReadOnlySpan<LogStream>)[LogStream.Stdout, LogStream.Stderr])
        {
            _pendingBytes -= file.Stream(stream).PendingLength;
            file.Stream(stream).ClearPending();
            if (file.Stream(stream).Open is { } open)
            {
                _assembler.Release(open);
            }
        }
    }

    /// <summary>
    /// Reads the file's next bytes, and in the same call those before them that were read last: where these are others by
    /// now, the file was rewritten, and false is returned.
    /// </summary>
    private bool Fill(TailedFile file, int count, out Span<byte> data)
    {
        var behind = file.Tail.Length;
        var read = count <= 0 ? behind : file.Bytes.Read(_buffer.AsSpan(0, behind + count), file.Position - behind);
        if (count > 0 && !(read >= behind && file.Tail.IsOf(_buffer.AsSpan(0, behind))))
        {
            file.Rewritten = true;
            data = default;
            return false;
        }

        data = _buffer.AsSpan(behind, read - behind);
        return true;
    }

    /// <summary>Whether a record of several lines is open and no line of its stream came for long enough.</summary>
    public bool HasDue(TailedFile file) => IsDue(file, LogStream.Stdout) || IsDue(file, LogStream.Stderr);

    /// <summary>Delivers the records that are due.</summary>
    public void EndDue(TailedFile file, BatchBuilder batch, SourceLimit? limit)
    {
        _limit = limit;
        _observed = (ulong)(time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        _pipeline = rules.For(file.Source.Config);
        BeginTurn(file, batch);
        EndOpen(file, all: false);
        EndTurn(file, batch);
    }

    private void BeginTurn(TailedFile file, BatchBuilder batch)
    {
        batch.Begin(file);
        if (_pipeline is not null || _limit is not null || file.HasOpen)
        {
            _assembler.Begin(_pipeline, _limit, batch, file, _observed);
        }
    }

    private void EndTurn(TailedFile file, BatchBuilder batch)
    {
        _pipeline?.Settle(file.Account);
        _limit?.Settle(file.Account);
        batch.End();
    }

    private void EndOpen(TailedFile file, bool all)
    {
        foreach (var name in (ReadOnlySpan<LogStream>)[LogStream.Stdout, LogStream.Stderr])
        {
            if (file.Stream(name).Open is { IsOpen: true } open && (all || IsDue(file, name)))
            {
                _assembler.End(open, name);
            }
        }
    }

    /// <summary>Due at the end of what was read, or when the file went on for long without a line of the stream.</summary>
    private bool IsDue(TailedFile file, LogStream name)
    {
        if (file.Stream(name).Open is not { IsOpen: true } open)
        {
            return false;
        }

        return rules.For(file.Source.Config)?.Multiline is not { } multiline
            || (time.GetElapsedTime(open.TouchedAt) >= multiline.Timeout
                && (file.AtEnd || file.StalledAtSize == file.Size || file.Position - open.LastOffset >= multiline.BytesMax));
    }

    private static bool Detect(TailedFile file, ReadOnlySpan<byte> data, bool flush)
    {
        if (file.Position > 0)
        {
            // Read before: its first line tells, not the one where it goes on.
            var head = new byte[DetectBytes];
            data = head.AsSpan(0, file.Bytes.Read(head, Hole.EndOf(file, 0)));
        }

        var newline = data.IndexOf((byte)'\n');
        if (newline < 0 && !flush && file.Position == 0 && data.Length < DetectBytes)
        {
            return false;
        }

        file.Format = FormatDetector.Detect(newline < 0 ? data : data[..newline]);
        return true;
    }

    private int ReadLines(TailedFile file, BatchBuilder batch, ReadOnlySpan<byte> data)
    {
        var scan = new LineScan(data);
        var start = file.Position;
        var lines = 0;
        while (!Stops(batch) && scan.Next())
        {
            var line = data.Slice(scan.Start, scan.Length);
            file.Position = start + scan.Consumed;
            lines++;
            if (file.MidLine)
            {
                EndOverlong(file, batch, start + scan.Start, line);
            }
            else
            {
                Take(file, batch, start + scan.Start, line, scan.IsAscii);
            }
        }

        _newlines = lines;
        metrics.Lines(lines);
        return scan.Consumed;
    }

    private bool Stops(BatchBuilder batch) => batch.IsFull || _limit is { MustWait: true };

    private bool HasNewline(TailedFile file, ReadOnlySpan<byte> data) => _decoder is { IsWide: true } wide
        ? wide.WideNewline(data, file.Position) >= 0
        : data.Contains((byte)'\n');

    /// <summary>The same for UTF-16, whose line feeds are two bytes.</summary>
    private int ReadWideLines(TailedFile file, BatchBuilder batch, ReadOnlySpan<byte> data, LineDecoder decoder)
    {
        var start = file.Position;
        var (consumed, lines) = (0, 0);
        while (!Stops(batch) && decoder.WideNewline(data[consumed..], start + consumed) is >= 0 and var length)
        {
            var line = data.Slice(consumed, length);
            var offset = start + consumed;
            consumed += length + 2;
            file.Position = start + consumed;
            lines++;
            if (file.MidLine)
            {
                EndOverlong(file, batch, offset, line);
            }
            else
            {
                Take(file, batch, offset, line, isAscii: false);
            }
        }

        _newlines = lines;
        metrics.Lines(lines);
        return consumed;
    }
}

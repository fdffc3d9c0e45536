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
/// buffer grows to the longest line allowed and no further. Not thread-safe.
/// </summary>
internal sealed class FileReader(CollectorOptions options, RuleCatalog rules, CollectorMetrics metrics, TimeProvider time)
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
        if (consumed == 0 && read == _bufferMax)
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

    private void Take(TailedFile file, BatchBuilder batch, long offset, ReadOnlySpan<byte> line, bool isAscii)
    {
        var fragment = default(Fragment);
        var parsed = file.Format switch
        {
            LogFormat.Cri => CriLine.TryParse(line, _times, ref fragment),
            LogFormat.Docker => _docker.TryParse(line, _times, ref fragment),
            _ => false,
        };
        if (!parsed)
        {
            if (file.Format != LogFormat.Raw)
            {
                metrics.Malformed();
            }

            fragment = new Fragment { Text = line };
        }

        // Of an ASCII line the text is valid UTF-8, whatever its escapes stand for.
        fragment.KnownUtf8 = isAscii;

        // The stream of a line that does not parse is unknown: better kept than dropped unseen.
        var wanted = !parsed || (fragment.Stream == LogStream.Stdout ? file.Source.Stdout : file.Source.Stderr);
        var stream = file.Stream(fragment.Stream);
        if (!wanted || offset < stream.Resume)
        {
            return;
        }

        if (!parsed && file.Format != LogFormat.Raw)
        {
            // What does not parse continues nothing, and nothing continues it: what is unfinished goes out as far as it came.
            EndUnfinished(file, batch, fragment.Stream, stream);
            Join(file, batch, stream, offset, fragment);
            EndUnfinished(file, batch, fragment.Stream, stream);
            return;
        }

        Join(file, batch, stream, offset, fragment);
    }

    private void Join(TailedFile file, BatchBuilder batch, StreamState stream, long offset, in Fragment fragment)
    {
        if (!stream.HasPending && !fragment.Partial && fragment.Text.Length <= options.LineBytesMax && stream.Skip == 0)
        {
            Emit(file, batch, fragment.Stream, fragment.TimeUnixNano, offset, stream.Part, fragment.Text, fragment.KnownUtf8);
            stream.Part = 0;
            return;
        }

        var skip = Math.Min(stream.Skip, fragment.Text.Length);
        var text = fragment.Text[skip..];
        stream.Skip = 0;
        if (stream.HasPending && (stream.PendingLength + text.Length > options.LineBytesMax || _pendingBytes + _assembler.Bytes > options.PartialBytesMax))
        {
            var rest = MissingOfCharacter(stream.Pending, text);
            stream.Append(offset, skip, fragment.TimeUnixNano, text[..rest]);
            _pendingBytes += rest;
            skip += rest;
            text = text[rest..];
            EmitPending(file, batch, fragment.Stream, stream, isPiece: true);
            stream.Part++;
            metrics.LineSplit();
        }

        while (text.Length > options.LineBytesMax)
        {
            var cut = Cut(file, text, options.LineBytesMax);
            EmitPiece(file, batch, fragment.Stream, fragment.TimeUnixNano, offset, stream.Part++, text[..cut]);
            metrics.LineSplit();
            skip += cut;
            text = text[cut..];
        }

        _pendingBytes += text.Length;
        stream.Append(offset, skip, fragment.TimeUnixNano, text);
        if (!fragment.Partial)
        {
            EmitPending(file, batch, fragment.Stream, stream);
            stream.Part = 0;
        }
    }

    /// <summary>A whole line: straight into the batch, or to the rules of its config.</summary>
    private void Emit(TailedFile file, BatchBuilder batch, LogStream stream, ulong time, long offset, int part, ReadOnlySpan<byte> text, bool knownUtf8 = false)
    {
        if (!_isPlain)
        {
            text = Prepared(file, text, ref knownUtf8);
        }

        if (_pipeline is null && _limit is null)
        {
            batch.Append(stream, time, _observed, offset, part, text, knownUtf8);
        }
        else if (_pipeline?.Multiline is null || part > 0)
        {
            WritePiece(file, batch, stream, time, offset, part, text, knownUtf8);
        }
        else
        {
            _assembler.Add(file.Stream(stream).Open ??= new OpenRecord(), stream, time, offset, text, _pendingBytes);
        }
    }

    /// <summary>In UTF-8 and without the carriage return, where that is asked for. What is not in the encoding goes on as it is.</summary>
    private ReadOnlySpan<byte> Prepared(TailedFile file, ReadOnlySpan<byte> text, scoped ref bool knownUtf8)
    {
        if (_decoder is not null && (_decoder.IsWide || !knownUtf8))
        {
            if (_decoder.TryDecode(text, out var utf8))
            {
                text = utf8;
                knownUtf8 = true;
            }
            else
            {
                metrics.Undecoded();
            }
        }

        return file.Source.StripReturn && text is [.., (byte)'\r'] ? text[..^1] : text;
    }

    /// <summary>At most so many bytes, none of a character or of a line's end cut in two.</summary>
    private int Cut(TailedFile file, ReadOnlySpan<byte> text, int maximum)
    {
        var cut = _decoder is null ? Utf8Cut(text, maximum) : _decoder.Cut(text, maximum);
        return file.Source.StripReturn && _decoder is null && cut > 1 && cut < text.Length && text[cut - 1] == '\r' ? cut - 1 : cut;
    }

    /// <summary>A part of a split line: no other line is joined to it.</summary>
    private void EmitPiece(TailedFile file, BatchBuilder batch, LogStream stream, ulong time, long offset, int part, ReadOnlySpan<byte> text)
    {
        var knownUtf8 = false;
        if (!_isPlain)
        {
            text = Prepared(file, text, ref knownUtf8);
        }

        WritePiece(file, batch, stream, time, offset, part, text, knownUtf8);
    }

    private void WritePiece(TailedFile file, BatchBuilder batch, LogStream stream, ulong time, long offset, int part, ReadOnlySpan<byte> text, bool knownUtf8)
    {
        if (_pipeline is null && _limit is null)
        {
            batch.Append(stream, time, _observed, offset, part, text, knownUtf8);
            return;
        }

        if (file.Stream(stream).Open is { } open)
        {
            _assembler.End(open, stream);
        }

        _assembler.Sink.Write(stream, time, offset, part, text);
    }

    private void EmitPending(TailedFile file, BatchBuilder batch, LogStream name, StreamState stream, bool isPiece = false)
    {
        if (stream.Passed is { } passed)
        {
            EmitCarried(file, batch, name, stream, passed, isPiece);
        }
        else if (isPiece)
        {
            EmitPiece(file, batch, name, stream.PendingTime, stream.PendingStart, stream.Part, stream.Pending);
        }
        else
        {
            Emit(file, batch, name, stream.PendingTime, stream.PendingStart, stream.Part, stream.Pending);
        }

        _pendingBytes -= stream.PendingLength;
        stream.ClearPending();
    }

    private void EndUnfinished(TailedFile file, BatchBuilder batch, LogStream name, StreamState stream)
    {
        if (stream.HasPending)
        {
            EmitPending(file, batch, name, stream);
            stream.Part = 0;
        }

        if (stream.Open is { } open)
        {
            _assembler.End(open, name);
        }
    }

    /// <summary>A line that began in an earlier file is that file's, and all that hold a piece of it move on with the batch.</summary>
    private void EmitCarried(TailedFile file, BatchBuilder batch, LogStream name, StreamState stream, List<TailedFile> passed, bool isPiece)
    {
        EndTurn(file, batch);
        foreach (var earlier in passed)
        {
            BeginTurn(earlier, batch);
            if (earlier == passed[0] && isPiece)
            {
                EmitPiece(earlier, batch, name, stream.PendingTime, stream.PendingStart, stream.Part, stream.Pending);
            }
            else if (earlier == passed[0])
            {
                Emit(earlier, batch, name, stream.PendingTime, stream.PendingStart, stream.Part, stream.Pending);
            }

            earlier.Stream(name).Kept = null;
            EndTurn(earlier, batch);
        }

        _pendingBytes -= stream.PendingLength;
        stream.ClearPending();
        stream.Kept = null;
        batch.Together([.. passed, file]);
        BeginTurn(file, batch);
    }

    /// <summary>A line of the file that does not fit into the buffer goes out in parts, each at its own offset.</summary>
    private void SplitOverlong(TailedFile file, BatchBuilder batch, ReadOnlySpan<byte> data)
    {
        var stream = file.Stream(LogStream.Stdout);
        var cut = Cut(file, data, options.LineBytesMax);
        EmitPiece(file, batch, LogStream.Stdout, 0, file.Position, stream.Part++, data[..cut]);
        file.Position += cut;
        file.MidLine = true;
        metrics.LineSplit();
    }

    /// <summary>The rest of a line of which parts went out; nothing when only its newline was missing.</summary>
    private void EndOverlong(TailedFile file, BatchBuilder batch, long offset, ReadOnlySpan<byte> rest)
    {
        EmitParts(file, batch, offset, rest);
        file.Stream(LogStream.Stdout).Part = 0;
        file.MidLine = false;
    }

    /// <summary>Bytes of a line that has no end yet, in parts of their own offsets.</summary>
    private void EmitParts(TailedFile file, BatchBuilder batch, long offset, ReadOnlySpan<byte> text)
    {
        var stream = file.Stream(LogStream.Stdout);
        while (text.Length > options.LineBytesMax)
        {
            var cut = Cut(file, text, options.LineBytesMax);
            EmitPiece(file, batch, LogStream.Stdout, 0, offset, stream.Part++, text[..cut]);
            metrics.LineSplit();
            offset += cut;
            text = text[cut..];
        }

        if (text.Length > 0 && stream.Part == 0 && file.IsEnding)
        {
            // The last line of a file that ends: it may belong to the record before it.
            Emit(file, batch, LogStream.Stdout, 0, offset, stream.Part++, text);
        }
        else if (text.Length > 0)
        {
            EmitPiece(file, batch, LogStream.Stdout, 0, offset, stream.Part++, text);
        }
    }

    /// <summary>The last line goes out without its newline. What completes it later is its next part.</summary>
    private void FlushTail(TailedFile file, BatchBuilder batch, ReadOnlySpan<byte> tail)
    {
        var offset = file.Position;
        file.Position += tail.Length;
        metrics.Lines(1);
        metrics.Unterminated();
        if (file.MidLine || (file.Format == LogFormat.Raw && file.Stream(LogStream.Stdout).Skip == 0))
        {
            EmitParts(file, batch, offset, tail);
        }
        else
        {
            Take(file, batch, offset, tail, isAscii: false);
        }

        file.MidLine = true;
    }

    private void FlushPending(TailedFile file, BatchBuilder batch)
    {
        foreach (var name in (ReadOnlySpan<LogStream>)[LogStream.Stdout, LogStream.Stderr])
        {
            var stream = file.Stream(name);
            if (stream.HasPending)
            {
                EmitPending(file, batch, name, stream);
                stream.Part = 0;
            }
        }
    }

    /// <summary>How many bytes at the start of <paramref name="next"/> belong to the character that <paramref name="text"/> ends within: 0 to 3.</summary>
    private static int MissingOfCharacter(ReadOnlySpan<byte> text, ReadOnlySpan<byte> next)
    {
        for (var back = 1; back <= Math.Min(3, text.Length); back++)
        {
            var lead = text[^back];
            if ((lead & 0xC0) == 0x80)
            {
                continue;
            }

            var length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
            var missing = 0;
            while (missing < length - back && missing < next.Length && (next[missing] & 0xC0) == 0x80)
            {
                missing++;
            }

            return missing;
        }

        return 0;
    }

    /// <summary>At most <paramref name="maximum"/> bytes, without cutting a UTF-8 sequence in two.</summary>
    private static int Utf8Cut(ReadOnlySpan<byte> text, int maximum)
    {
        if (text.Length <= maximum)
        {
            return text.Length;
        }

        var cut = maximum;
        while (cut > maximum - 4 && (text[cut] & 0xC0) == 0x80)
        {
            cut--;
        }

        return (text[cut] & 0xC0) == 0x80 ? maximum : cut;
    }
}

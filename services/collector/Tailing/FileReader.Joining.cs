using Tributary.Collector.Batching;
using Tributary.Collector.Formats;
using Tributary.Collector.Records.Multiline;
using Tributary.Contracts;

namespace Tributary.Collector.Tailing;

/// <summary>From a line to records: taken apart, joined over partials, split at the cap, and into the batch.</summary>
internal sealed partial class FileReader
{
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

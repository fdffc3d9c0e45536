using Tributary.Collector.Batching;
using Tributary.Collector.Formats;
using Tributary.Collector.Limits;
using Tributary.Collector.Tailing;

namespace Tributary.Collector.Records.Multiline;

/// <summary>
/// Puts the lines of each stream together to records, by the rule of the file's config. No line is dropped: what
/// reaches a bound goes out marked and counted, and what goes on after it is a record of its own, marked too. One
/// assembler serves all files, one turn after another; all open records share one bound. Not thread-safe.
/// </summary>
internal sealed class MultilineAssembler(RecordSink sink, CollectorMetrics metrics, long bytesMax, TimeProvider time)
{
    /// <summary>A larger buffer is not kept for the next record.</summary>
    private const int KeptBytesMax = 64 * 1024;

    private MultilineRules? _rules;
    private long _now;

    /// <summary>Bytes of all open records.</summary>
    public long Bytes { get; private set; }

    /// <summary>Where whole records go.</summary>
    public RecordSink Sink => sink;

    /// <summary>A file's turn begins.</summary>
    public void Begin(RecordPipeline? pipeline, SourceLimit? limit, BatchBuilder batch, TailedFile file, ulong observed)
    {
        _rules = pipeline?.Multiline;
        _now = time.GetTimestamp();
        sink.Begin(pipeline, limit, batch, file, observed);
    }

    /// <summary>Takes a whole line.</summary>
    /// <param name="open">The record of the line's stream.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="unixNano">When the line was written.</param>
    /// <param name="offset">Where it begins in the file.</param>
    /// <param name="line">Its text.</param>
    /// <param name="otherBytes">What unfinished lines hold of the same bound.</param>
    public void Add(OpenRecord open, LogStream stream, ulong unixNano, long offset, ReadOnlySpan<byte> line, long otherBytes)
    {
        open.TouchedAt = _now;
        open.LastOffset = offset;
        var before = Bytes - open.Length;
        Take(open, stream, unixNano, offset, line);
        Bytes = before + open.Length;
        if (open.IsOpen && Bytes + otherBytes > bytesMax)
        {
            Cut(open, stream, "memory");
            Bytes = before;
            open.ReturnBuffer();
        }
    }

    /// <summary>The record is whole: no line came for long enough, or none can come.</summary>
    public void End(OpenRecord open, LogStream stream)
    {
        if (open.IsOpen)
        {
            Bytes -= open.Length;
            Emit(open, stream);
        }

        open.Cut = 0;
        open.ReturnBuffer();
    }

    /// <summary>Forgets an open record that is delivered by nobody: its file is closed.</summary>
    public void Release(OpenRecord open)
    {
        Bytes -= open.Length;
        open.DropBlank();
        open.Close();
        open.ReturnBuffer();
    }

    private void Take(OpenRecord open, LogStream stream, ulong unixNano, long offset, ReadOnlySpan<byte> line)
    {
        var goesOn = open.IsOpen || open.Cut > 0;
        var before = open.IsOpen ? open.State : open.Cut > 0 ? open.Cut - 1 : 0;
        var state = before;
        var verdict = _rules!.Grouping.Judge(goesOn, ref state, open.Text, line);
        if (verdict == LineVerdict.Waits && open is { IsOpen: true, HasBlank: false })
        {
            open.HoldBlank(offset, unixNano, line.Length > 0);
            open.State = state;
            return;
        }

        if (verdict == LineVerdict.Waits && open.IsOpen)
        {
            // A second blank line: neither belongs.
            (verdict, state) = (LineVerdict.Begins, 0);
        }

        var belongs = goesOn && verdict is LineVerdict.Continues or LineVerdict.Ends or LineVerdict.Waits;
        if (belongs && open.HasBlank)
        {
            open.Append(open.Blank);
            open.DropBlank();
        }

        if (belongs && open.IsOpen && Reached(open, line) is { } bound)
        {
            // Judged once more by what a restart would know here, so that it is the same record then.
            Cut(open, stream, bound);
            state = before;
            verdict = _rules!.Grouping.Judge(true, ref state, default, line);
            belongs = verdict is LineVerdict.Continues or LineVerdict.Ends or LineVerdict.Waits;
        }

        if (belongs && open.IsOpen)
        {
            open.Append(line);
        }
        else
        {
            Emit(open, stream);
            open.Begin(offset, unixNano, belongs, line);
        }

        open.State = state;
        if (verdict is LineVerdict.Ends or LineVerdict.Alone)
        {
            Emit(open, stream);
        }
    }

    private string? Reached(OpenRecord open, ReadOnlySpan<byte> line) =>
        open.Lines >= _rules!.LinesMax ? "lines" : open.Length + 1L + line.Length > _rules.BytesMax ? "bytes" : null;

    private void Cut(OpenRecord open, LogStream stream, string bound)
    {
        var goesOn = open.State + 1;
        metrics.RecordCut(bound);
        Emit(open, stream, bound);
        open.Cut = goesOn;
    }

    /// <summary>Delivers the open record, and a blank line that waited and does not belong to it.</summary>
    private void Emit(OpenRecord open, LogStream stream, string? cut = null)
    {
        if (!open.IsOpen)
        {
            return;
        }

        sink.Write(stream, open.Time, open.Start, open.Text, open.IsRest, cut);
        var large = open.Length > KeptBytesMax;
        open.Close();
        if (large)
        {
            open.ReturnBuffer();
        }

        if (open.HasBlank)
        {
            open.DropBlank();
            sink.Write(stream, open.BlankTime, open.BlankStart, open.Blank);
        }
    }
}

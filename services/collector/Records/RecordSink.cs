using System.Text;
using Tributary.Collector.Batching;
using Tributary.Collector.Formats;
using Tributary.Collector.Limits;
using Tributary.Collector.Tailing;

namespace Tributary.Collector.Records;

/// <summary>The way of whole records into the batch of a turn: through the rules of the file's config and the limit of its source. Not thread-safe.</summary>
internal sealed class RecordSink
{
    private readonly LogRecord _record = new();
    private BatchBuilder _batch = null!;
    private SourceAccount _account = null!;
    private RecordPipeline? _pipeline;
    private SourceLimit? _limit;
    private ulong _observed;

    private static ReadOnlySpan<byte> CutKey => "tributary.multiline.cut"u8;

    private static ReadOnlySpan<byte> RestKey => "tributary.multiline.rest"u8;

    /// <summary>A file's turn begins.</summary>
    public void Begin(RecordPipeline? pipeline, SourceLimit? limit, BatchBuilder batch, TailedFile file, ulong observed)
    {
        _pipeline = pipeline is { IsEmpty: true } ? null : pipeline;
        _limit = limit;
        _batch = batch;
        _account = file.Account;
        _observed = observed;
        _record.SourceId = file.SourceId;
        _record.ObservedUnixNano = observed;
    }

    /// <summary>A line, or a part of one.</summary>
    public void Write(LogStream stream, ulong time, long offset, int part, ReadOnlySpan<byte> text)
    {
        if (_pipeline is null && _limit is null)
        {
            _batch.Append(stream, time, _observed, offset, part, text);
            return;
        }

        _record.Begin(stream, time, offset, part, text);
        Finish();
    }

    /// <summary>A record of whole lines.</summary>
    /// <param name="stream">Its stream.</param>
    /// <param name="time">Of its first line.</param>
    /// <param name="offset">Of its first line.</param>
    /// <param name="text">The lines, with newlines between them.</param>
    /// <param name="isRest">Whether it goes on with a record that was cut.</param>
    /// <param name="cut">The bound at which it was cut itself; null when it is whole.</param>
    public void Write(LogStream stream, ulong time, long offset, ReadOnlySpan<byte> text, bool isRest = false, string? cut = null)
    {
        if (!isRest && cut is null)
        {
            Write(stream, time, offset, 0, text);
            return;
        }

        _record.Begin(stream, time, offset, 0, text);
        if (isRest)
        {
            _record.AddBool(RestKey, true);
        }

        if (cut is not null)
        {
            _record.Add(CutKey, Encoding.ASCII.GetBytes(cut));
        }

        Finish();
    }

    private void Finish()
    {
        if (_pipeline?.Apply(_record, _account) != false && _limit?.TryTake(_record.Body.Length) != false)
        {
            _batch.Append(_record, _observed);
        }
    }
}

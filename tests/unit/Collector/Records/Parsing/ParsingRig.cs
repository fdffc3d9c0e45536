using System.Text;
using Tributary.Collector;
using Tributary.Collector.Batching;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Formats;
using Tributary.Collector.Records;
using Tributary.Collector.Tailing;
using Tributary.Config;
using Tributary.Contracts.Batches;
using Tributary.Shipper.Ndjson;

namespace Tributary.Tests.Unit.Collector.Records.Parsing;

/// <summary>Lines through the section <c>parse</c> of a LogConfig, the batch and the shipper's encoder, as in production.</summary>
internal sealed class ParsingRig : IDisposable
{
    /// <summary>2026-11-21T10:00:00Z.</summary>
    public const ulong Observed = 1_795_255_200_000_000_000;

    private readonly CollectorMetrics _metrics = new();
    private readonly RecordPipeline? _pipeline;
    private readonly LogRecord _record = new() { ObservedUnixNano = Observed };

    public ParsingRig(string parse)
    {
        Account = new SourceAccount(_metrics);
        _pipeline = RecordPipelines.Build(Read(parse));
    }

    public SourceAccount Account { get; }

    /// <summary>When the line was read; tests of times without a year change it.</summary>
    public ulong ObservedAt
    {
        get => _record.ObservedUnixNano;
        set => _record.ObservedUnixNano = value;
    }

    public static LogConfig Read(string parse)
    {
        var result = ConfigurationReader.ReadText("config.yaml", Document(parse), _ => null);
        return result.IsValid ? result.Documents.LogConfigs[0] : throw new InvalidOperationException(string.Join('\n', result.Errors));
    }

    public static string Document(string parse) =>
        "apiVersion: tributary.io/v1alpha1\nkind: LogConfig\nmetadata: {name: a}\nspec:\n  sources: [{stdout: {}}]\n  parse:\n    "
        + parse.Trim().Replace("\n", "\n    ", StringComparison.Ordinal) + "\n";

    /// <summary>The record that the line becomes; valid until the next.</summary>
    public LogRecord Parse(ReadOnlySpan<byte> line, ulong time = 0)
    {
        _record.Begin(LogStream.Stdout, time, 0, 0, line);
        _pipeline?.Apply(_record, Account);
        return _record;
    }

    public LogRecord Parse(string line, ulong time = 0) => Parse(Encoding.UTF8.GetBytes(line), time);

    /// <summary>What an output of type file writes for the lines, without the resource and the uid, one a line.</summary>
    public string Ndjson(IEnumerable<byte[]> lines)
    {
        using var batch = new BatchBuilder("a", 1024 * 1024, 64 * 1024, 0);
        var source = new Source();
        batch.Begin(source);
        foreach (var line in lines)
        {
            batch.Append(Parse(line), Observed);
        }

        batch.End();
        using var json = new NdjsonBuffer();
        NdjsonEncoder.Encode(batch.Written.Span, json, _ => throw new InvalidOperationException("Too many lines for one piece."));
        return Encoding.UTF8.GetString(json.Written.Span)
            .Replace(",\"log.record.uid\":\"s1-0\"", "", StringComparison.Ordinal)
            .Replace(",\"resource\":{}}\n", "}\n", StringComparison.Ordinal);
    }

    public void Dispose() => _metrics.Dispose();

    private sealed class Source : BatchSource
    {
        public override string SourceId => "s1";

        public override FileMark Mark() => default;

        public override byte[] Resource(LogStream stream) => OtlpResource.Encode([new(OtlpAttributes.SourceId, SourceId)]);

        public override string StreamName(LogStream stream) => "";

        public override Checkpoint ToCheckpoint(long nowUnixSeconds) => throw new NotSupportedException("Nothing is saved of it.");
    }
}

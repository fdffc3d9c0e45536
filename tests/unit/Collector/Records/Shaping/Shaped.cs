using System.Text;
using Tributary.Collector;
using Tributary.Collector.Formats;
using Tributary.Collector.Records;
using Tributary.Config;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Records.Shaping;

/// <summary>Rules as a user writes them, applied to one record after another; what comes out as text.</summary>
internal sealed class Shaped : IDisposable
{
    private readonly CollectorMetrics _metrics = new();
    private readonly LogRecord _record = new();
    private readonly RecordPipeline _pipeline;

    /// <param name="rules">The list below <c>shape</c>, each line as it stands in YAML.</param>
    public Shaped(string rules)
    {
        _pipeline = RecordPipelines.Build(Config(rules)) ?? throw new ArgumentException("No rules.", nameof(rules));
        Account = new SourceAccount(_metrics);
    }

    public SourceAccount Account { get; }

    public static LogConfig Config(string rules)
    {
        var text = "apiVersion: tributary.io/v1alpha1\nkind: LogConfig\nmetadata: {name: shaped}\nspec:\n  sources: [{stdout: {}}]\n  shape:\n"
            + string.Concat(rules.Split('\n').Select(line => $"    {line}\n"));
        var result = ConfigurationReader.ReadText("shaped.yaml", text, _ => null);
        Assert.Empty(result.Errors);
        return Assert.Single(result.Documents!.LogConfigs);
    }

    /// <summary>The text that is left of a body; null when the record is dropped.</summary>
    public string? Body(string text, Action<LogRecord>? also = null) => Apply(text, also) ? Encoding.UTF8.GetString(_record.BodyBytes) : null;

    /// <summary>The bytes that are left of a body.</summary>
    public byte[] Bytes(byte[] text)
    {
        _record.Begin(LogStream.Stdout, 0, 0, 0, text);
        Assert.True(_pipeline.Apply(_record, Account));
        return _record.BodyBytes.ToArray();
    }

    /// <summary>The fields that are left, as <c>key=value</c>, sorted.</summary>
    public string? Fields(Action<LogRecord> fields)
    {
        if (!Apply("text", fields))
        {
            return null;
        }

        var texts = Enumerable.Range(0, _record.Count).Select(i =>
            $"{Encoding.UTF8.GetString(_record[_record.Fields[i].Key])}={Encoding.UTF8.GetString(_record.TextOf(i))}");
        return string.Join(' ', texts.Order(StringComparer.Ordinal));
    }

    /// <summary>The encoded value of the only field.</summary>
    public byte[] Encoded(byte[] anyValue)
    {
        Assert.True(Apply("text", r => r.Add(r.Store("data"u8), FieldKind.Encoded, r.Store(anyValue), 0)));
        return _record[_record.Fields[0].Text].ToArray();
    }

    public bool Keeps(string sourceId, long offset, int part = 0, Action<LogRecord>? also = null)
    {
        _record.SourceId = sourceId;
        _record.Begin(LogStream.Stdout, 0, offset, part, "text"u8);
        also?.Invoke(_record);
        var keeps = _pipeline.Apply(_record, Account);
        _pipeline.Settle(Account);
        return keeps;
    }

    public void Dispose() => _metrics.Dispose();

    private bool Apply(string text, Action<LogRecord>? also)
    {
        _record.Begin(LogStream.Stdout, 0, 0, 0, Encoding.UTF8.GetBytes(text));
        also?.Invoke(_record);
        var keeps = _pipeline.Apply(_record, Account);
        _pipeline.Settle(Account);
        return keeps;
    }
}

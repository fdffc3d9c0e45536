using System.Text;
using Tributary.Config;

namespace Tributary.Collector.Records.Parsing;

/// <summary>
/// A format with what the config says of its fields: which is the time, the severity, the body. What does not parse
/// leaves the record as it was; when only the time or a type is wrong, the rest is kept.
/// </summary>
internal sealed class ConfiguredParser : IRecordParser
{
    private readonly IRecordParser _format;
    private readonly byte[] _timeKey;
    private readonly byte[] _severityKey;
    private readonly byte[] _bodyKey;
    private readonly int _fieldsMax;
    private readonly TimeReader _times;
    private readonly Severities _severities;

    public ConfiguredParser(IRecordParser format, ParseRule rule)
    {
        _format = format;
        _timeKey = Key(rule.Time.Key);
        _severityKey = Key(rule.Severity.Key);
        _bodyKey = rule.Body == ParseRule.WholeLine ? [] : Key(rule.Body);
        _fieldsMax = rule.FieldsMax;
        _times = new TimeReader(rule.Time.Format, rule.Time.Zone);
        _severities = new Severities(rule.Severity.Map);
    }

    public bool TryParse(LogRecord record, out string reason)
    {
        var (time, severity) = (record.TimeUnixNano, (record.SeverityNumber, record.SeverityText));

        // What the collector noted of the record before it was parsed is no field of the line.
        var own = record.Count;
        var parsed = _format.TryParse(record, out reason);
        if (parsed && record.Count - own > _fieldsMax)
        {
            (parsed, reason) = (false, ParseReasons.TooManyFields);
        }

        if (!parsed && !ParseReasons.IsPartial(reason))
        {
            record.Truncate(own);
            record.TimeUnixNano = time;
            (record.SeverityNumber, record.SeverityText) = severity;
            return false;
        }

        if (_timeKey.Length > 0 && !TryTime(record))
        {
            (parsed, reason) = (false, ParseReasons.Time);
        }

        if (_severityKey.Length > 0)
        {
            TakeSeverity(record);
        }

        if (_bodyKey.Length > 0)
        {
            TakeBody(record);
        }

        return parsed;
    }

    /// <summary>False when it is there and none; then it stays a field. A record without the field keeps its time.</summary>
    private bool TryTime(LogRecord record)
    {
        var at = record.IndexOf(_timeKey);
        if (at < 0 || record.Fields[at] is { Kind: FieldKind.Encoded, Text.Length: 0 })
        {
            return true;
        }

        if (!_times.TryRead(SourceText(record, at), record.ReferenceTime, out var unixNano))
        {
            return false;
        }

        record.TimeUnixNano = unixNano;
        record.RemoveAt(at);
        return true;
    }

    private void TakeSeverity(LogRecord record)
    {
        var at = record.IndexOf(_severityKey);
        if (at < 0 || record.Fields[at].Kind is FieldKind.Encoded or FieldKind.Bool)
        {
            return;
        }

        var field = record.Fields[at];
        var text = field.Text.Length > 0 ? field.Text : record.Store(record.TextOf(at));
        var trimmed = record[text].Trim(" \t"u8);
        record.SeverityText = text;
        record.SeverityNumber = _severities.NumberOf(trimmed);
        record.RemoveAt(at);
    }

    private void TakeBody(LogRecord record)
    {
        var at = record.IndexOf(_bodyKey);
        if (at < 0 || record.Fields[at].Kind == FieldKind.Encoded)
        {
            return;
        }

        var field = record.Fields[at];
        record.Body = field.Kind == FieldKind.Text || field.Text.Length > 0 ? field.Text : record.Store(record.TextOf(at));
        record.RemoveAt(at);
    }

    /// <summary>A number as it is written: a double would have lost its last digits.</summary>
    private static ReadOnlySpan<byte> SourceText(LogRecord record, int at) =>
        record.Fields[at] is { Kind: not FieldKind.Encoded, Text.Length: > 0 } field ? record[field.Text] : record.TextOf(at);

    private static byte[] Key(string name) => Encoding.UTF8.GetBytes(FieldList.Safe(name));
}

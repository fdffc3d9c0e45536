using System.Globalization;
using System.Text;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using Tributary.Contracts.Batches;

namespace Tributary.Tests.Unit.Contracts;

/// <summary>One line a record, with its resource and all its values, from the generated classes and from our reader: equal requests have equal lines.</summary>
internal static class OtlpText
{
    public static List<string> Of(ExportLogsServiceRequest request) =>
    [
        .. from resourceLogs in request.ResourceLogs
           let resource = Attributes(resourceLogs.Resource?.Attributes ?? [])
           from scope in resourceLogs.ScopeLogs
           from record in scope.LogRecords
           select Line(
               resource,
               record.TimeUnixNano,
               record.ObservedTimeUnixNano,
               (int)record.SeverityNumber,
               Encoding.UTF8.GetBytes(record.SeverityText),
               Value(record.Body),
               Attributes(record.Attributes)),
    ];

    /// <exception cref="InvalidDataException">The bytes are malformed.</exception>
    public static List<string> Of(ReadOnlySpan<byte> request)
    {
        var lines = new List<string>();
        var reader = new OtlpLogReader(request);
        while (reader.Next(out var record))
        {
            lines.Add(Line(
                Attributes(OtlpAttributeReader.OfResource(reader.Resource)),
                record.TimeUnixNano,
                record.ObservedUnixNano,
                record.SeverityNumber,
                record.SeverityText,
                Value(OtlpValue.Parse(record.Body)),
                Attributes(record.Attributes)));
        }

        return lines;
    }

    private static string Line(string resource, ulong time, ulong observed, int severity, ReadOnlySpan<byte> severityText, string body, string attributes) =>
        $"{resource} {time} {observed} {severity} {Convert.ToHexString(severityText)} {body} {attributes}";

    private static string Attributes(IEnumerable<KeyValue> attributes) =>
        "{" + string.Join(',', attributes.Select(a => Convert.ToHexString(Encoding.UTF8.GetBytes(a.Key)) + "=" + Value(a.Value))) + "}";

    private static string Attributes(OtlpAttributeReader attributes)
    {
        var text = new List<string>();
        while (attributes.Next(out var key, out var value))
        {
            text.Add(Convert.ToHexString(key) + "=" + Value(value));
        }

        return "{" + string.Join(',', text) + "}";
    }

    private static string Value(AnyValue? value) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => "s:" + Convert.ToHexString(Encoding.UTF8.GetBytes(value.StringValue)),
        AnyValue.ValueOneofCase.BytesValue => "b:" + Convert.ToHexString(value.BytesValue.Span),
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        AnyValue.ValueOneofCase.IntValue => value.IntValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.DoubleValue => "d:" + BitConverter.DoubleToInt64Bits(value.DoubleValue).ToString("x16", CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.ArrayValue => "[" + string.Join(',', value.ArrayValue.Values.Select(Value)) + "]",
        AnyValue.ValueOneofCase.KvlistValue => Attributes(value.KvlistValue.Values),
        _ => "empty",
    };

    private static string Value(OtlpValue value)
    {
        switch (value.Kind)
        {
            case OtlpValueKind.String:
                return "s:" + Convert.ToHexString(value.Bytes);
            case OtlpValueKind.Bytes:
                return "b:" + Convert.ToHexString(value.Bytes);
            case OtlpValueKind.Bool:
                return value.Number != 0 ? "true" : "false";
            case OtlpValueKind.Int:
                return value.Number.ToString(CultureInfo.InvariantCulture);
            case OtlpValueKind.Double:
                return "d:" + BitConverter.DoubleToInt64Bits(value.Double).ToString("x16", CultureInfo.InvariantCulture);
            case OtlpValueKind.KeyValueList:
                return Attributes(value.Members);
            case OtlpValueKind.Array:
                var elements = new List<string>();
                var array = value.Elements;
                while (array.Next(out var element))
                {
                    elements.Add(Value(element));
                }

                return "[" + string.Join(',', elements) + "]";
            default:
                return "empty";
        }
    }
}

using System.Text;
using System.Text.Unicode;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using Tributary.Contracts.Batches;
using Xunit;

namespace Tributary.Tests.Unit.Contracts;

/// <summary>Records with attributes, and nested values, against classes generated from the OTLP definitions.</summary>
public sealed class OtlpRecordWriterTests
{
    private static readonly FsCheck.Config Runs = FsCheck.Config.QuickThrowOnFailure.WithMaxTest(1_000);

    private static readonly Gen<byte[]> Bytes = Gen.OneOf(
        OtlpGenerators.Bytes,
        OtlpGenerators.Text.Select(Encoding.UTF8.GetBytes),
        Gen.Elements(0, 127, 128, 16_383, 16_384).Select(length => Encoding.ASCII.GetBytes(new string('x', length))));

    private static readonly Gen<(byte[] Key, AnyValue Value)> Attribute =
        from key in Gen.OneOf(OtlpGenerators.Text.Select(Encoding.UTF8.GetBytes), OtlpGenerators.Bytes)
        from value in OtlpGenerators.Value()
        select (key, value);

    private static readonly Arbitrary<List<Given>> Records = (
        from time in OtlpGenerators.Long
        from offset in OtlpGenerators.Long
        from part in Gen.Elements(0, 1, 128, int.MaxValue)
        from severity in Gen.Choose(0, 24)
        from severityText in Bytes
        from body in Bytes
        from attributes in Attribute.ListOf()
        select new Given((ulong)time, offset & long.MaxValue, part, severity, severityText, body, [.. attributes])).ListOf().Select(l => l.ToList()).ToArbitrary();

    [Fact]
    public void Records_with_attributes_are_read_equal_by_the_generated_classes() =>
        Prop.ForAll(Records, records =>
        {
            using var writer = new OtlpBatchWriter(16);
            writer.BeginSection(OtlpResource.Encode([]));
            records.ForEach(r => Write(writer, r));
            writer.EndSection();
            var read = ExportLogsServiceRequest.Parser.ParseFrom(writer.Written.Span).ResourceLogs.Single().ScopeLogs.Single().LogRecords;
            return writer.Records == records.Count && read.Count == records.Count && records.Zip(read).All(pair => Matches(pair.First, pair.Second));
        }).Check(Runs);

    [Fact]
    public void Records_with_attributes_and_without_stand_beside_each_other()
    {
        using var writer = new OtlpBatchWriter(16);
        writer.BeginSection(OtlpResource.Encode([]));
        writer.Append(1, 2, 3, 0, "a"u8);
        writer.BeginRecord(4, 5, 6, 0, 9, "INFO"u8, "b"u8);
        writer.AddAttribute("k"u8, "v"u8);
        writer.EndRecord();
        writer.Append(7, 8, 9, 0, "c"u8);
        writer.EndSection();

        var read = ExportLogsServiceRequest.Parser.ParseFrom(writer.Written.Span).ResourceLogs[0].ScopeLogs[0].LogRecords;

        Assert.Equal(["a", "b", "c"], read.Select(r => r.Body.StringValue));
        Assert.Equal("v", read[1].Attributes.Single(a => a.Key == "k").Value.StringValue);
    }

    [Fact]
    public void Nested_values_are_read_equal_by_the_generated_classes() =>
        Prop.ForAll(OtlpGenerators.Value().ToArbitrary(), value =>
        {
            var writer = new OtlpValueWriter();
            writer.Text("what was before"u8);
            writer.Clear();
            Write(writer, value);
            return Text(AnyValue.Parser.ParseFrom(writer.Written)) == Text(value);
        }).Check(Runs);

    [Fact]
    public void A_member_whose_name_is_not_utf8_poisons_nothing()
    {
        var writer = new OtlpValueWriter();
        var map = writer.BeginMap();
        var member = writer.BeginMember([0xFF, (byte)'a']);
        writer.Text([0xFF]);
        writer.EndMember(member);
        writer.End(map);

        var read = AnyValue.Parser.ParseFrom(writer.Written).KvlistValue.Values.Single();

        Assert.Equal("\uFFFDa", read.Key);
        Assert.Equal([0xFF], read.Value.BytesValue.ToByteArray());
    }

    private static void Write(OtlpBatchWriter writer, Given record)
    {
        writer.BeginRecord(record.Time, 5, record.Offset, record.Part, record.Severity, record.SeverityText, record.Body);
        foreach (var (key, value) in record.Attributes)
        {
            switch (value.ValueCase)
            {
                case AnyValue.ValueOneofCase.StringValue:
                    writer.AddAttribute(key, Encoding.UTF8.GetBytes(value.StringValue));
                    break;
                case AnyValue.ValueOneofCase.IntValue:
                    writer.AddAttribute(key, value.IntValue);
                    break;
                case AnyValue.ValueOneofCase.DoubleValue:
                    writer.AddAttribute(key, value.DoubleValue);
                    break;
                case AnyValue.ValueOneofCase.BoolValue:
                    writer.AddAttribute(key, value.BoolValue);
                    break;
                default:
                    writer.AddEncodedAttribute(key, value.ToByteArray());
                    break;
            }
        }

        writer.EndRecord();
    }

    private static void Write(OtlpValueWriter writer, AnyValue value)
    {
        switch (value.ValueCase)
        {
            case AnyValue.ValueOneofCase.StringValue:
                writer.Text(Encoding.UTF8.GetBytes(value.StringValue));
                break;
            case AnyValue.ValueOneofCase.BytesValue:
                writer.Text(value.BytesValue.Span);
                break;
            case AnyValue.ValueOneofCase.IntValue:
                writer.Int(value.IntValue);
                break;
            case AnyValue.ValueOneofCase.DoubleValue:
                writer.Double(value.DoubleValue);
                break;
            case AnyValue.ValueOneofCase.BoolValue:
                writer.Bool(value.BoolValue);
                break;
            case AnyValue.ValueOneofCase.ArrayValue:
                var array = writer.BeginArray();
                foreach (var element in value.ArrayValue.Values)
                {
                    var mark = writer.BeginElement();
                    Write(writer, element);
                    writer.End(mark);
                }

                writer.End(array);
                break;
            case AnyValue.ValueOneofCase.KvlistValue:
                var map = writer.BeginMap();
                foreach (var member in value.KvlistValue.Values)
                {
                    var marks = writer.BeginMember(Encoding.UTF8.GetBytes(member.Key));
                    Write(writer, member.Value ?? new AnyValue());
                    writer.EndMember(marks);
                }

                writer.End(map);
                break;
        }
    }

    private static bool Matches(Given given, LogRecord read)
    {
        var attributes = given.Attributes.Where(a => Utf8.IsValid(a.Key)).Select(a => Encoding.UTF8.GetString(a.Key) + "=" + Text(a.Value)).ToList();
        attributes.Insert(0, OtlpAttributes.RecordOffset + "=" + given.Offset);
        if (given.Part > 0)
        {
            attributes.Insert(1, OtlpAttributes.RecordPart + "=" + given.Part);
        }

        return read.TimeUnixNano == given.Time && read.ObservedTimeUnixNano == 5
            && (int)read.SeverityNumber == given.Severity
            && read.SeverityText == (Utf8.IsValid(given.SeverityText) ? Encoding.UTF8.GetString(given.SeverityText) : "")
            && Text(read.Body) == (Utf8.IsValid(given.Body) ? "\"" + Encoding.UTF8.GetString(given.Body) : "b" + Convert.ToHexString(given.Body))
            && read.Attributes.Select(a => a.Key + "=" + Text(a.Value)).SequenceEqual(attributes);
    }

    /// <summary>A value as text; bytes that are UTF-8 count as text, as the writer has no other word for them.</summary>
    private static string Text(AnyValue? value) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => "\"" + value.StringValue,
        AnyValue.ValueOneofCase.BytesValue => Utf8.IsValid(value.BytesValue.Span) ? "\"" + value.BytesValue.ToStringUtf8() : "b" + Convert.ToHexString(value.BytesValue.Span),
        AnyValue.ValueOneofCase.IntValue => value.IntValue.ToString(),
        AnyValue.ValueOneofCase.DoubleValue => "d" + BitConverter.DoubleToInt64Bits(value.DoubleValue),
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        AnyValue.ValueOneofCase.ArrayValue => "[" + string.Join(',', value.ArrayValue.Values.Select(Text)) + "]",
        AnyValue.ValueOneofCase.KvlistValue => "{" + string.Join(',', value.KvlistValue.Values.Select(v => v.Key + ":" + Text(v.Value))) + "}",
        _ => "null",
    };

    private sealed record Given(ulong Time, long Offset, int Part, int Severity, byte[] SeverityText, byte[] Body, (byte[] Key, AnyValue Value)[] Attributes);
}

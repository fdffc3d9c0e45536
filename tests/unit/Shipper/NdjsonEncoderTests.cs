using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using Tributary.Contracts.Batches;
using Tributary.Shipper.Ndjson;
using Tributary.Tests.Unit.Contracts;
using Xunit;

namespace Tributary.Tests.Unit.Shipper;

public sealed class NdjsonEncoderTests
{
    [Fact]
    public void A_record_of_the_collector_is_this_line()
    {
        using var writer = new OtlpBatchWriter();
        writer.BeginSection(OtlpResource.Encode([new(OtlpAttributes.SourceId, "s1"), new("container.name", "web")]));
        writer.Append(1_700_000_000_123_456_789, 5, 42, 0, "hello \"you\""u8);
        writer.Append(0, 1_700_000_000_000_000_001, 43, 2, "more"u8);
        writer.EndSection();

        Assert.Equal(
            """
            {"timestamp":"2023-11-14T22:13:20.123456789Z","body":"hello \"you\"","log.record.uid":"s1-42","resource":{"container.name":"web"}}
            {"timestamp":"2023-11-14T22:13:20.000000001Z","body":"more","attributes":{"tributary.part":2},"log.record.uid":"s1-43.2","resource":{"container.name":"web"}}

            """,
            Text(writer.Written.Span));
    }

    [Theory]
    [InlineData(0UL, "1970-01-01T00:00:00.000000000Z")]
    [InlineData(1UL, "1970-01-01T00:00:00.000000001Z")]
    [InlineData(99UL, "1970-01-01T00:00:00.000000099Z")]
    [InlineData(100UL, "1970-01-01T00:00:00.000000100Z")]
    [InlineData(1_795_257_600_999_999_999UL, "2026-11-21T10:40:00.999999999Z")]
    [InlineData(ulong.MaxValue, "2554-07-21T23:34:33.709551615Z")]
    public void A_time_has_nanoseconds(ulong nanos, string text) =>
        Assert.Equal(text, Json(TestRequest.Of(new LogRecord { TimeUnixNano = nanos })).GetProperty("timestamp").GetString());

    [Fact]
    public void Every_control_character_is_escaped_and_comes_back()
    {
        var body = string.Concat(Enumerable.Range(0, 0x100).Select(i => (char)i)) + "\u2028\u2029\U0001F600\"\\/";
        var request = TestRequest.Of(new LogRecord { Body = new AnyValue { StringValue = body } });

        var line = Text(request.ToByteArray());

        Assert.DoesNotContain(line[..^1], c => c < ' ');
        Assert.Equal(body, Json(request).GetProperty("body").GetString());
    }

    [Fact]
    public void A_body_of_bytes_is_text_with_replacements_and_exact_base64()
    {
        byte[] body = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        var json = Json(TestRequest.Of(new LogRecord { Body = new AnyValue { BytesValue = ByteString.CopyFrom(body) } }));

        Assert.Equal(body, json.GetProperty("body_base64").GetBytesFromBase64());
        Assert.Equal(Encoding.UTF8.GetString(body), json.GetProperty("body").GetString());
    }

    [Fact]
    public void A_uid_needs_a_source_and_an_offset_and_nothing_of_either_is_lost()
    {
        var source = TestRequest.Attribute(OtlpAttributes.SourceId, "s\"1");
        var offset = new LogRecord { Attributes = { TestRequest.Attribute(OtlpAttributes.RecordOffset, 7) } };

        var both = Json(TestRequest.Of(offset, source));
        Assert.Equal("s\"1-7", both.GetProperty("log.record.uid").GetString());
        Assert.False(both.TryGetProperty("attributes", out _));

        var noSource = Json(TestRequest.Of(offset));
        Assert.False(noSource.TryGetProperty("log.record.uid", out _));
        Assert.Equal(7, noSource.GetProperty("attributes").GetProperty(OtlpAttributes.RecordOffset).GetInt64());

        var noOffset = Json(TestRequest.Of(new LogRecord(), source));
        Assert.False(noOffset.TryGetProperty("log.record.uid", out _));
        Assert.Equal("s\"1", noOffset.GetProperty(OtlpAttributes.SourceId).GetString());

        var textOffset = Json(TestRequest.Of(new LogRecord { Attributes = { TestRequest.Attribute(OtlpAttributes.RecordOffset, "7") } }, source));
        Assert.False(textOffset.TryGetProperty("log.record.uid", out _));
        Assert.Equal("7", textOffset.GetProperty("attributes").GetProperty(OtlpAttributes.RecordOffset).GetString());
    }

    [Fact]
    public void Severity_is_written_when_it_is_set()
    {
        var json = Json(TestRequest.Of(new LogRecord { SeverityNumber = SeverityNumber.Error, SeverityText = "ERR\n" }));
        Assert.Equal(17, json.GetProperty("severity_number").GetInt32());
        Assert.Equal("ERR\n", json.GetProperty("severity_text").GetString());
        Assert.False(Json(TestRequest.Of(new LogRecord())).TryGetProperty("severity_number", out _));
    }

    [Fact]
    public void Whatever_a_request_holds_System_Text_Json_reads_the_same() =>
        Prop.ForAll(OtlpGenerators.Request.ToArbitrary(), request =>
        {
            var lines = Text(request.ToByteArray()).Split('\n');
            var records = request.ResourceLogs.SelectMany(r => r.ScopeLogs.SelectMany(s => s.LogRecords.Select(record => (r, record)))).ToList();
            return lines[^1].Length == 0
                && lines.Length - 1 == records.Count
                && records.Zip(lines).All(pair => Matches(pair.First.r, pair.First.record, JsonDocument.Parse(pair.Second).RootElement));
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Values_nested_without_end_are_invalid_data()
    {
        var value = new AnyValue { IntValue = 1 };
        for (var depth = 0; depth < 50; depth++)
        {
            value = new AnyValue { ArrayValue = new ArrayValue { Values = { value } } };
        }

        Assert.Throws<InvalidDataException>(() => Text(TestRequest.Of(new LogRecord { Body = value }).ToByteArray()));
    }

    [Fact]
    public void A_small_batch_with_a_large_resource_is_handed_on_in_pieces_of_bounded_size()
    {
        // 1 MiB of resource, repeated on each of 300 records.
        var logs = new ResourceLogs
        {
            Resource = new() { Attributes = { TestRequest.Attribute("k", new string('x', 1_048_576)) } },
            ScopeLogs = { new ScopeLogs { LogRecords = { Enumerable.Repeat(new LogRecord(), 300) } } },
        };
        using var batch = new EncodedBatch(new ExportLogsServiceRequest { ResourceLogs = { logs } }.ToByteArray(), 300);

        // A write that failed is repeated.
        for (var i = 0; i < 2; i++)
        {
            var (total, largest, lines) = (0L, 0, 0);
            batch.WriteTo(piece =>
            {
                total += piece.Length;
                largest = Math.Max(largest, piece.Length);
                lines += piece.Span.Count((byte)'\n');
                Assert.True(piece.IsEmpty || piece.Span[^1] == '\n');
            });

            Assert.Equal(300, lines);
            Assert.InRange(total, 300L * 1_048_576, 301L * 1_048_576);
            Assert.InRange(largest, NdjsonEncoder.PieceBytes, NdjsonEncoder.PieceBytes + 1_100_000);
        }
    }

    private static bool Matches(ResourceLogs logs, LogRecord record, JsonElement json)
    {
        // A key may come twice: compare in order.
        var resource = (logs.Resource?.Attributes ?? []).Where(a => a.Key != OtlpAttributes.SourceId || a.Value?.ValueCase != AnyValue.ValueOneofCase.StringValue);
        var hasSource = (logs.Resource?.Attributes ?? []).Any(a => a.Key == OtlpAttributes.SourceId && a.Value is { ValueCase: AnyValue.ValueOneofCase.StringValue, StringValue.Length: > 0 });
        var attributes = hasSource
            ? record.Attributes.Where(a => a.Key != OtlpAttributes.RecordOffset || a.Value is not { ValueCase: AnyValue.ValueOneofCase.IntValue, IntValue: >= 0 })
            : record.Attributes;
        return (record.Body?.ValueCase == AnyValue.ValueOneofCase.BytesValue
                ? json.GetProperty("body_base64").GetBytesFromBase64().AsSpan().SequenceEqual(record.Body.BytesValue.Span)
                : Same(record.Body, json.GetProperty("body")))
            && (json.TryGetProperty("attributes", out var written) ? Same(attributes, written) : !attributes.Any())
            && (!hasSource || LastSourceIsEmpty(logs) || json.TryGetProperty("log.record.uid", out _) || json.TryGetProperty(OtlpAttributes.SourceId, out _))
            && Same(resource, json.GetProperty("resource"));
    }

    private static bool LastSourceIsEmpty(ResourceLogs logs) =>
        logs.Resource.Attributes.Last(a => a.Key == OtlpAttributes.SourceId && a.Value?.ValueCase == AnyValue.ValueOneofCase.StringValue).Value.StringValue.Length == 0;

    private static bool Same(IEnumerable<KeyValue> attributes, JsonElement json)
    {
        var members = json.EnumerateObject().ToList();
        var expected = attributes.ToList();
        return members.Count == expected.Count && expected.Zip(members).All(pair => pair.First.Key == pair.Second.Name && Same(pair.First.Value, pair.Second.Value));
    }

    private static bool Same(AnyValue? value, JsonElement json) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => json.GetString() == value.StringValue,
        AnyValue.ValueOneofCase.BytesValue => json.GetBytesFromBase64().AsSpan().SequenceEqual(value.BytesValue.Span),
        AnyValue.ValueOneofCase.BoolValue => json.GetBoolean() == value.BoolValue,
        AnyValue.ValueOneofCase.IntValue => json.GetInt64() == value.IntValue,
        AnyValue.ValueOneofCase.DoubleValue when !double.IsFinite(value.DoubleValue) => json.GetString() == value.DoubleValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.DoubleValue => json.GetDouble().Equals(value.DoubleValue),
        AnyValue.ValueOneofCase.ArrayValue => json.GetArrayLength() == value.ArrayValue.Values.Count && value.ArrayValue.Values.Zip(json.EnumerateArray()).All(p => Same(p.First, p.Second)),
        AnyValue.ValueOneofCase.KvlistValue => Same(value.KvlistValue.Values, json),
        _ => json.ValueKind == JsonValueKind.Null,
    };

    private static string Text(ReadOnlySpan<byte> request)
    {
        using var json = new NdjsonBuffer();
        NdjsonEncoder.Encode(request, json, _ => Assert.Fail("a small batch is one piece"));
        return Encoding.UTF8.GetString(json.Written.Span);
    }

    private static JsonElement Json(ExportLogsServiceRequest request) => JsonDocument.Parse(Text(request.ToByteArray())).RootElement;
}

using System.Text;
using System.Text.Unicode;
using FsCheck;
using FsCheck.Fluent;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using Tributary.Contracts.Batches;
using Xunit;

namespace Tributary.Tests.Unit.Contracts;

/// <summary>The hand-written writer against classes generated from the OTLP definitions. FsCheck prints the seed of a failure.</summary>
public sealed class OtlpWriterTests
{
    private static readonly FsCheck.Config Runs = FsCheck.Config.QuickThrowOnFailure.WithMaxTest(1_000);

    private static readonly Gen<byte[]> Body = Gen.OneOf(
        OtlpGenerators.Bytes,
        OtlpGenerators.Text.Select(Encoding.UTF8.GetBytes),
        Gen.Elements(0, 1, 127, 128, 16_383, 16_384).Select(length => Encoding.ASCII.GetBytes(new string('x', length))));

    private static readonly Gen<Line> AnyLine =
        from time in OtlpGenerators.Long
        from observed in OtlpGenerators.Long
        from offset in OtlpGenerators.Long
        from part in Gen.Elements(0, 0, 1, 2, 127, 128, int.MaxValue)
        from body in Body
        select new Line((ulong)time, (ulong)observed, offset & long.MaxValue, part, body);

    private static readonly Gen<Section> AnySection =
        from keys in OtlpGenerators.Text.ListOf()
        from value in OtlpGenerators.Text
        from lines in AnyLine.ListOf()
        select new Section(keys.Distinct().ToDictionary(key => key, key => value + key), [.. lines]);

    private static readonly Arbitrary<List<Section>> Sections = AnySection.ListOf().Select(list => list.Take(4).ToList()).ToArbitrary();

    [Fact]
    public void Whatever_is_written_the_generated_classes_read_equal() =>
        Prop.ForAll(Sections, sections =>
        {
            using var writer = new OtlpBatchWriter(16);
            Write(writer, sections);
            return Matches(sections, writer);
        }).Check(Runs);

    [Fact]
    public void Whatever_is_written_our_reader_reads_like_the_generated_classes() =>
        Prop.ForAll(Sections, sections =>
        {
            using var writer = new OtlpBatchWriter();
            Write(writer, sections);
            return OtlpText.Of(writer.Written.Span).SequenceEqual(OtlpText.Of(Parse(writer)));
        }).Check(Runs);

    [Fact]
    public void Appended_sections_are_one_request() =>
        Prop.ForAll(Sections, Sections, (first, second) =>
        {
            using var writer = new OtlpBatchWriter(16);
            using var other = new OtlpBatchWriter(16);
            Write(writer, first);
            Write(other, second);
            writer.AppendSections(other);
            return Matches([.. first, .. second], writer);
        }).Check(Runs);

    [Fact]
    public void A_cleared_writer_begins_anew_on_its_buffer() =>
        Prop.ForAll(Sections, Sections, (first, second) =>
        {
            using var writer = new OtlpBatchWriter(16);
            Write(writer, first);
            writer.Clear();
            var isEmpty = writer is { Length: 0, Records: 0 };
            Write(writer, second);
            return isEmpty && Matches(second, writer);
        }).Check(Runs);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_048_576)]
    public void A_body_of_any_size_is_kept(int length)
    {
        var body = new byte[length];
        Array.Fill(body, (byte)'x');
        using var writer = new OtlpBatchWriter(16);
        Write(writer, [new Section([], [new Line(1, 2, 3, 0, body), new Line(1, 2, 4, 1, body)])]);

        Assert.True(Matches([new Section([], [new Line(1, 2, 3, 0, body), new Line(1, 2, 4, 1, body)])], writer));
    }

    [Fact]
    public void Every_length_at_every_size_of_the_offset_is_kept()
    {
        int[] lengths = [.. Enumerable.Range(0, 300), 15_999, 16_000, 16_001, 16_383, 16_384];
        var powers = Enumerable.Range(0, 9).SelectMany(i => (long[])[(1L << (7 * i)) - 1, 1L << (7 * i)]);
        long[] offsets = [.. powers, (1L << 56) - 1, 1L << 56, long.MaxValue];
        foreach (var offset in offsets)
        {
            var section = new Section([], [.. lengths.Select(length => new Line(ulong.MaxValue, 0x0102_0304_0506_0708, offset, 0, new byte[length]))]);
            using var writer = new OtlpBatchWriter(16);
            Write(writer, [section]);

            Assert.True(Matches([section], writer), $"offset {offset}");
        }
    }

    [Fact]
    public void A_body_known_to_be_utf8_is_written_like_one_that_was_looked_at()
    {
        using var known = new OtlpBatchWriter();
        using var looked = new OtlpBatchWriter();
        foreach (var (writer, isKnown) in new[] { (known, true), (looked, false) })
        {
            writer.BeginSection([]);
            writer.Append(1, 2, 3, 0, "grün"u8, isKnown);
            writer.EndSection();
        }

        Assert.Equal(looked.Written.ToArray(), known.Written.ToArray());
        Assert.Equal("grün", Parse(known).ResourceLogs[0].ScopeLogs[0].LogRecords[0].Body.StringValue);
    }

    [Fact]
    public void A_body_that_is_not_utf8_is_kept_as_bytes()
    {
        byte[] body = [(byte)'a', 0xC3, 0x28, 0xFF, 0, (byte)'z'];
        using var writer = new OtlpBatchWriter();
        Write(writer, [new Section([], [new Line(1, 2, 3, 0, body)])]);

        var value = Parse(writer).ResourceLogs[0].ScopeLogs[0].LogRecords[0].Body;

        Assert.Equal(AnyValue.ValueOneofCase.BytesValue, value.ValueCase);
        Assert.Equal(body, value.BytesValue.ToByteArray());
    }

    [Fact]
    public void A_record_adds_at_most_the_stated_overhead()
    {
        using var writer = new OtlpBatchWriter();
        writer.BeginSection([]);
        var before = writer.Length;
        var body = new byte[2_097_152];

        writer.Append(ulong.MaxValue, ulong.MaxValue, -1, int.MaxValue, body);

        Assert.InRange(writer.Length - before - body.Length, 1, OtlpBatchWriter.RecordOverheadMax);
    }

    [Fact]
    public void A_resource_is_sorted_by_key_and_survives_lone_surrogates()
    {
        using var writer = new OtlpBatchWriter();
        writer.BeginSection(OtlpResource.Encode([new("z", "1"), new("a", "\ud800x"), new("B", "")]));
        writer.EndSection();

        var attributes = Parse(writer).ResourceLogs[0].Resource.Attributes;

        Assert.Equal(["B=", "a=\uFFFDx", "z=1"], attributes.Select(a => a.Key + "=" + a.Value.StringValue));
    }

    [Fact]
    public void A_record_outside_a_section_is_refused_and_not_written_where_nobody_reads_it()
    {
        using var writer = new OtlpBatchWriter();

        Assert.Throws<InvalidOperationException>(() => writer.Append(1, 2, 3, 0, "lost"u8));
        Assert.Throws<InvalidOperationException>(writer.EndSection);
        Assert.Equal(0, writer.Length);
    }

    [Fact]
    public void Open_sections_are_neither_nested_nor_appended()
    {
        using var writer = new OtlpBatchWriter();
        using var other = new OtlpBatchWriter();
        writer.BeginSection([]);

        Assert.Throws<InvalidOperationException>(() => writer.BeginSection([]));
        Assert.Throws<InvalidOperationException>(() => writer.AppendSections(other));
        Assert.Throws<InvalidOperationException>(() => other.AppendSections(writer));
    }

    private static void Write(OtlpBatchWriter writer, List<Section> sections)
    {
        foreach (var section in sections)
        {
            writer.BeginSection(OtlpResource.Encode(section.Resource));
            foreach (var line in section.Lines)
            {
                writer.Append(line.Time, line.Observed, line.Offset, line.Part, line.Body);
            }

            writer.EndSection();
        }
    }

    private static ExportLogsServiceRequest Parse(OtlpBatchWriter writer) => ExportLogsServiceRequest.Parser.ParseFrom(writer.Written.Span);

    private static bool Matches(List<Section> sections, OtlpBatchWriter writer)
    {
        var request = Parse(writer);
        return writer.Records == sections.Sum(s => s.Lines.Count)
            && request.ResourceLogs.Count == sections.Count
            && sections.Zip(request.ResourceLogs).All(pair => Matches(pair.First, pair.Second));
    }

    private static bool Matches(Section section, ResourceLogs logs) =>
        logs.Resource.Attributes.ToDictionary(a => a.Key, a => a.Value.StringValue).OrderBy(a => a.Key, StringComparer.Ordinal)
            .SequenceEqual(section.Resource.OrderBy(a => a.Key, StringComparer.Ordinal))
        && logs.ScopeLogs.Single().LogRecords.Count == section.Lines.Count
        && section.Lines.Zip(logs.ScopeLogs[0].LogRecords).All(pair => Matches(pair.First, pair.Second));

    private static bool Matches(Line line, LogRecord record)
    {
        var isText = Utf8.IsValid(line.Body);
        var body = record.Body.ValueCase switch
        {
            AnyValue.ValueOneofCase.StringValue when isText => Encoding.UTF8.GetBytes(record.Body.StringValue),
            AnyValue.ValueOneofCase.BytesValue when !isText => record.Body.BytesValue.ToByteArray(),
            _ => null,
        };
        var attributes = record.Attributes.ToDictionary(a => a.Key, a => a.Value.IntValue);
        return record.TimeUnixNano == line.Time
            && record.ObservedTimeUnixNano == line.Observed
            && body is not null && body.AsSpan().SequenceEqual(line.Body)
            && attributes[OtlpAttributes.RecordOffset] == line.Offset
            && (line.Part == 0 ? attributes.Count == 1 : attributes.Count == 2 && attributes[OtlpAttributes.RecordPart] == line.Part);
    }

    private sealed record Section(Dictionary<string, string> Resource, List<Line> Lines);

    private sealed record Line(ulong Time, ulong Observed, long Offset, int Part, byte[] Body);
}

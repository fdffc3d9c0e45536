using System.Text;
using Tributary.Contracts.Batches;

namespace Tributary.Tests.Unit.Collector;

/// <summary>One record as a consumer of the bus would see it.</summary>
internal sealed record Delivered(string Target, string Uid, string SourceId, long Offset, int Part, string Stream, string Path, ulong Time, OtlpValueKind Kind, byte[] Body)
{
    /// <summary>One character a byte, so that any body compares exactly.</summary>
    public string Text { get; } = Encoding.Latin1.GetString(Body);

    /// <summary>Decodes a batch and checks that its headers tell the truth.</summary>
    public static List<Delivered> Of(LogBatch batch)
    {
        var records = new List<Delivered>();
        using var body = batch.Open();
        var reader = new OtlpLogReader(body.Span);
        while (reader.Next(out var record))
        {
            var resource = Strings(reader.Resource);
            var (offset, part) = (-1L, 0);
            var attributes = record.Attributes;
            while (attributes.Next(out var key, out var value))
            {
                offset = key.SequenceEqual(Encoding.UTF8.GetBytes(OtlpAttributes.RecordOffset)) ? value.Number : offset;
                part = key.SequenceEqual(Encoding.UTF8.GetBytes(OtlpAttributes.RecordPart)) ? (int)value.Number : part;
            }

            var id = resource[OtlpAttributes.SourceId];
            var text = OtlpValue.Parse(record.Body);
            records.Add(new Delivered(
                batch.Target, OtlpAttributes.RecordUid(id, offset, part), id, offset, part, resource.GetValueOrDefault(OtlpAttributes.IoStream, ""),
                resource[OtlpAttributes.FilePath], record.TimeUnixNano, text.Kind, text.Bytes.ToArray()));
        }

        Check(batch, records);
        return records;
    }

    private static void Check(LogBatch batch, List<Delivered> records)
    {
        Xunit.Assert.Equal(batch.Records, records.Count);
        Xunit.Assert.Equal(records.Count, batch.Sources.Sum(s => s.Records));
        foreach (var record in records)
        {
            Xunit.Assert.Contains(batch.Sources, s =>
                s.SourceId == record.SourceId && s.Stream == record.Stream && s.Start <= record.Offset && record.Offset < s.End);
        }
    }

    private static Dictionary<string, string> Strings(ReadOnlySpan<byte> resource)
    {
        var found = new Dictionary<string, string>();
        var reader = OtlpAttributeReader.OfResource(resource);
        while (reader.Next(out var key, out var value))
        {
            found.Add(Encoding.UTF8.GetString(key), Encoding.UTF8.GetString(value.Bytes));
        }

        return found;
    }
}

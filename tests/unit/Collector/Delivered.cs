using System.Globalization;
using System.Text;
using Tributary.Contracts.Batches;

namespace Tributary.Tests.Unit.Collector;

/// <summary>One record as a consumer of the bus would see it.</summary>
internal sealed record Delivered(string Target, string Uid, string SourceId, long Offset, int Part, string Stream, string Path, ulong Time, OtlpValueKind Kind, byte[] Body)
{
    /// <summary>One character a byte, so that any body compares exactly.</summary>
    public string Text { get; } = Encoding.Latin1.GetString(Body);

    /// <summary>OTel's severity number; 0 when it has none.</summary>
    public int Severity { get; init; }

    /// <summary>The severity as the source wrote it.</summary>
    public string SeverityText { get; init; } = "";

    /// <summary>The record's own attributes, without those that make its uid; numbers written out, lists and maps as their bytes.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

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
            var own = new Dictionary<string, string>();
            var attributes = record.Attributes;
            while (attributes.Next(out var key, out var value))
            {
                switch (Encoding.UTF8.GetString(key))
                {
                    case OtlpAttributes.RecordOffset:
                        offset = value.Number;
                        break;
                    case OtlpAttributes.RecordPart:
                        part = (int)value.Number;
                        break;
                    case var name:
                        own[name] = Written(value);
                        break;
                }
            }

            var id = resource[OtlpAttributes.SourceId];
            var text = OtlpValue.Parse(record.Body);
            records.Add(new Delivered(
                batch.Target, OtlpAttributes.RecordUid(id, offset, part), id, offset, part, resource.GetValueOrDefault(OtlpAttributes.IoStream, ""),
                resource[OtlpAttributes.FilePath], record.TimeUnixNano, text.Kind, text.Bytes.ToArray())
            {
                Severity = record.SeverityNumber,
                SeverityText = Encoding.UTF8.GetString(record.SeverityText),
                Attributes = own,
            });
        }

        Check(batch, records);
        return records;
    }

    private static string Written(OtlpValue value) => value.Kind switch
    {
        OtlpValueKind.Int => value.Number.ToString(CultureInfo.InvariantCulture),
        OtlpValueKind.Bool => value.Number != 0 ? "true" : "false",
        OtlpValueKind.Double => value.Double.ToString(CultureInfo.InvariantCulture),
        _ => Encoding.UTF8.GetString(value.Bytes),
    };

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

using Tributary.Contracts.Batches;

namespace Tributary.Shipper.Ndjson;

/// <summary>
/// Writes a batch's records as NDJSON: <c>timestamp</c>, <c>body</c>, <c>log.record.uid</c>, <c>attributes</c>,
/// <c>resource</c>, in OTel's names. Source id and offset are not repeated beside the uid that they make. A body of
/// bytes is written as text with U+FFFD and, whole, as <c>body_base64</c>.
/// </summary>
internal static class NdjsonEncoder
{
    /// <summary>Whole lines that are handed on at once; one line may be longer, at most about eight times the request.</summary>
    public const int PieceBytes = 16 * 1024 * 1024;

    /// <param name="request">The decoded body of a batch.</param>
    /// <param name="target">Takes the lines; in the end it holds those that were not handed on.</param>
    /// <param name="full">Takes whole lines whenever there are <see cref="PieceBytes"/>; the buffer is then emptied.</param>
    /// <returns>How many records were written.</returns>
    /// <exception cref="InvalidDataException">The request is malformed; what was written so far is no whole batch.</exception>
    public static int Encode(ReadOnlySpan<byte> request, NdjsonBuffer target, Action<ReadOnlyMemory<byte>> full)
    {
        var reader = new OtlpLogReader(request);
        var resourceIndex = 0;
        byte[] resource = [];
        byte[] sourceId = [];
        var records = 0;
        while (reader.Next(out var record))
        {
            if (reader.ResourceIndex != resourceIndex)
            {
                resourceIndex = reader.ResourceIndex;
                resource = EncodeResource(reader.Resource, out sourceId);
            }

            WriteRecord(target, record, sourceId, resource);
            records++;
            if (target.Length >= PieceBytes)
            {
                full(target.Written);
                target.Clear();
            }
        }

        return records;
    }

    private static byte[] EncodeResource(ReadOnlySpan<byte> resource, out byte[] sourceId)
    {
        using var json = new NdjsonBuffer();
        sourceId = [];
        json.Raw(",\"resource\":{"u8);
        var first = true;
        var attributes = OtlpAttributeReader.OfResource(resource);
        while (attributes.Next(out var key, out var value))
        {
            if (key.SequenceEqual("tributary.source.id"u8) && value.Kind == OtlpValueKind.String)
            {
                sourceId = value.Bytes.ToArray();
                continue;
            }

            WriteMember(json, ref first, key, value);
        }

        json.Raw("}}\n"u8);
        return json.Written.ToArray();
    }

    private static void WriteRecord(NdjsonBuffer json, in OtlpLogRecord record, byte[] sourceId, byte[] resource)
    {
        json.Raw("{\"timestamp\":"u8);
        json.Time(record.TimeUnixNano != 0 ? record.TimeUnixNano : record.ObservedUnixNano);
        if (record.SeverityNumber != 0)
        {
            json.Raw(",\"severity_number\":"u8);
            json.Number(record.SeverityNumber);
        }

        if (!record.SeverityText.IsEmpty)
        {
            json.Raw(",\"severity_text\":"u8);
            json.String(record.SeverityText);
        }

        WriteBody(json, OtlpValue.Parse(record.Body));
        WriteAttributes(json, record, sourceId);
        json.Raw(resource);
    }

    private static void WriteBody(NdjsonBuffer json, in OtlpValue body)
    {
        json.Raw(",\"body\":"u8);
        if (body.Kind == OtlpValueKind.Bytes)
        {
            json.String(body.Bytes);
            json.Raw(",\"body_base64\":"u8);
        }

        WriteValue(json, body);
    }

    private static void WriteAttributes(NdjsonBuffer json, in OtlpLogRecord record, ReadOnlySpan<byte> sourceId)
    {
        long offset = -1;
        long part = 0;
        var first = true;
        var attributes = record.Attributes;
        while (attributes.Next(out var key, out var value))
        {
            if (key.SequenceEqual("log.file.record_offset"u8) && value is { Kind: OtlpValueKind.Int, Number: >= 0 } && !sourceId.IsEmpty)
            {
                offset = value.Number;
                continue;
            }

            if (key.SequenceEqual("tributary.part"u8) && value.Kind == OtlpValueKind.Int)
            {
                part = value.Number;
            }

            json.Raw(first ? ",\"attributes\":{"u8 : default);
            WriteMember(json, ref first, key, value);
        }

        json.Raw(first ? default : "}"u8);
        if (!sourceId.IsEmpty)
        {
            WriteIdentity(json, sourceId, offset, part);
        }
    }

    /// <summary>The uid; a record without an offset has none and keeps its source's id.</summary>
    private static void WriteIdentity(NdjsonBuffer json, ReadOnlySpan<byte> sourceId, long offset, long part)
    {
        if (offset < 0)
        {
            json.Raw(",\"tributary.source.id\":"u8);
            json.String(sourceId);
            return;
        }

        json.Raw(",\"log.record.uid\":\""u8);
        json.StringPart(sourceId);
        json.Raw("-"u8);
        json.Number(offset);
        if (part > 0)
        {
            json.Raw("."u8);
            json.Number(part);
        }

        json.Raw("\""u8);
    }

    private static void WriteMember(NdjsonBuffer json, ref bool first, ReadOnlySpan<byte> key, in OtlpValue value)
    {
        json.Raw(first ? default : ","u8);
        first = false;
        json.String(key);
        json.Raw(":"u8);
        WriteValue(json, value);
    }

    public static void WriteValue(NdjsonBuffer json, in OtlpValue value, int depth = 0)
    {
        switch (value.Kind)
        {
            case OtlpValueKind.String:
                json.String(value.Bytes);
                break;
            case OtlpValueKind.Bytes:
                json.Base64(value.Bytes);
                break;
            case OtlpValueKind.Int:
                json.Number(value.Number);
                break;
            case OtlpValueKind.Bool:
                json.Raw(value.Number != 0 ? "true"u8 : "false"u8);
                break;
            case OtlpValueKind.Double:
                json.Number(value.Double);
                break;
            case OtlpValueKind.Array or OtlpValueKind.KeyValueList when depth >= DepthMax:
                throw new InvalidDataException($"Malformed batch: values nested deeper than {DepthMax}.");
            case OtlpValueKind.Array:
                WriteArray(json, value, depth);
                break;
            case OtlpValueKind.KeyValueList:
                WriteList(json, value, depth);
                break;
            default:
                json.Raw("null"u8);
                break;
        }
    }

    private const int DepthMax = 32;

    private static void WriteArray(NdjsonBuffer json, in OtlpValue value, int depth)
    {
        json.Raw("["u8);
        var first = true;
        var elements = value.Elements;
        while (elements.Next(out var element))
        {
            json.Raw(first ? default : ","u8);
            first = false;
            WriteValue(json, element, depth + 1);
        }

        json.Raw("]"u8);
    }

    private static void WriteList(NdjsonBuffer json, in OtlpValue value, int depth)
    {
        json.Raw("{"u8);
        var first = true;
        var members = value.Members;
        while (members.Next(out var key, out var member))
        {
            json.Raw(first ? default : ","u8);
            first = false;
            json.String(key);
            json.Raw(":"u8);
            WriteValue(json, member, depth + 1);
        }

        json.Raw("}"u8);
    }
}

namespace Tributary.Contracts.Batches;

/// <summary>One record of a batch; the spans point into the batch's body.</summary>
public ref struct OtlpLogRecord
{
    /// <summary>The whole record: its attributes are read with <see cref="OtlpAttributeReader"/>.</summary>
    public ReadOnlySpan<byte> Bytes { get; private init; }

    /// <summary>Nanoseconds since 1970-01-01 UTC; 0 when unknown.</summary>
    public ulong TimeUnixNano { get; private set; }

    /// <summary>Nanoseconds since 1970-01-01 UTC; 0 when unknown.</summary>
    public ulong ObservedUnixNano { get; private set; }

    /// <summary>OTel severity number, 0 when unset.</summary>
    public int SeverityNumber { get; private set; }

    public ReadOnlySpan<byte> SeverityText { get; private set; }

    /// <summary>The body as an encoded AnyValue; empty when the record has none.</summary>
    public ReadOnlySpan<byte> Body { get; private set; }

    /// <exception cref="InvalidDataException">The bytes are not a LogRecord.</exception>
    public static OtlpLogRecord Parse(ReadOnlySpan<byte> bytes)
    {
        var record = new OtlpLogRecord { Bytes = bytes };
        var reader = new ProtoReader(bytes);
        while (reader.NextTag(out var tag))
        {
            switch (tag)
            {
                case OtlpFields.RecordTime:
                    record.TimeUnixNano = reader.Fixed64();
                    break;
                case OtlpFields.RecordObservedTime:
                    record.ObservedUnixNano = reader.Fixed64();
                    break;
                case OtlpFields.RecordSeverityNumber:
                    record.SeverityNumber = (int)reader.Varint();
                    break;
                case OtlpFields.RecordSeverityText:
                    record.SeverityText = reader.Bytes();
                    break;
                case OtlpFields.RecordBody:
                    record.Body = reader.Bytes();
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        return record;
    }

    /// <summary>The record's attributes.</summary>
    public readonly OtlpAttributeReader Attributes => new(Bytes, OtlpFields.RecordAttributes);
}

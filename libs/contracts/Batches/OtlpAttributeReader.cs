namespace Tributary.Contracts.Batches;

/// <summary>Walks the KeyValue fields of a resource or a record.</summary>
public ref struct OtlpAttributeReader
{
    private readonly uint _tag;
    private ProtoReader _reader;

    internal OtlpAttributeReader(ReadOnlySpan<byte> message, uint tag)
    {
        _tag = tag;
        _reader = new ProtoReader(message);
    }

    /// <summary>The attributes of a resource's bytes.</summary>
    public static OtlpAttributeReader OfResource(ReadOnlySpan<byte> resource) => new(resource, OtlpFields.ResourceAttributes);

    /// <summary>The values of an encoded key-value list.</summary>
    internal static OtlpAttributeReader OfList(ReadOnlySpan<byte> list) => new(list, 1 << 3 | 2);

    /// <summary>Reads the next attribute; false at the end.</summary>
    public bool Next(out ReadOnlySpan<byte> key, out OtlpValue value)
    {
        while (_reader.NextTag(out var tag))
        {
            if (tag != _tag)
            {
                _reader.Skip(tag);
                continue;
            }

            key = default;
            ReadOnlySpan<byte> any = default;
            var keyValue = new ProtoReader(_reader.Bytes());
            while (keyValue.NextTag(out var part))
            {
                switch (part)
                {
                    case OtlpFields.KeyValueKey:
                        key = keyValue.Bytes();
                        break;
                    case OtlpFields.KeyValueValue:
                        any = keyValue.Bytes();
                        break;
                    default:
                        keyValue.Skip(part);
                        break;
                }
            }

            value = OtlpValue.Parse(any);
            return true;
        }

        key = default;
        value = default;
        return false;
    }
}

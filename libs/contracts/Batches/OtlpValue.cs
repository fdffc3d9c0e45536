namespace Tributary.Contracts.Batches;

/// <summary>What an AnyValue holds.</summary>
public enum OtlpValueKind
{
    Empty,
    String,
    Bool,
    Int,
    Double,
    Array,
    KeyValueList,
    Bytes,
}

/// <summary>A decoded AnyValue; its bytes point into the batch.</summary>
public ref struct OtlpValue
{
    public OtlpValueKind Kind { get; private set; }

    /// <summary>Of a string (UTF-8, not validated), bytes, or an array or list still encoded.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Of an int, a bool (0 or 1), or a double's bits.</summary>
    public long Number { get; private set; }

    public readonly double Double => BitConverter.Int64BitsToDouble(Number);

    /// <exception cref="InvalidDataException">The bytes are not an AnyValue.</exception>
    public static OtlpValue Parse(ReadOnlySpan<byte> any)
    {
        var value = new OtlpValue();
        var reader = new ProtoReader(any);
        while (reader.NextTag(out var tag))
        {
            switch (tag)
            {
                case OtlpFields.AnyString:
                    value.Set(OtlpValueKind.String, reader.Bytes());
                    break;
                case OtlpFields.AnyBytes:
                    value.Set(OtlpValueKind.Bytes, reader.Bytes());
                    break;
                case OtlpFields.AnyArray:
                    value.Set(OtlpValueKind.Array, reader.Bytes());
                    break;
                case OtlpFields.AnyKeyValueList:
                    value.Set(OtlpValueKind.KeyValueList, reader.Bytes());
                    break;
                case OtlpFields.AnyBool:
                    value.Set(OtlpValueKind.Bool, reader.Varint() == 0 ? 0 : 1);
                    break;
                case OtlpFields.AnyInt:
                    value.Set(OtlpValueKind.Int, (long)reader.Varint());
                    break;
                case OtlpFields.AnyDouble:
                    value.Set(OtlpValueKind.Double, (long)reader.Fixed64());
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        return value;
    }

    private void Set(OtlpValueKind kind, ReadOnlySpan<byte> bytes)
    {
        Kind = kind;
        Number = 0;
        Bytes = bytes;
    }

    private void Set(OtlpValueKind kind, long number)
    {
        Kind = kind;
        Number = number;
        Bytes = default;
    }

    /// <summary>The members of a key-value list.</summary>
    public readonly OtlpAttributeReader Members => OtlpAttributeReader.OfList(Bytes);

    /// <summary>The elements of an array, in order, still encoded: pass each to <see cref="Parse"/>.</summary>
    public readonly OtlpArrayReader Elements => new(Bytes);
}

/// <summary>Walks an ArrayValue.</summary>
public ref struct OtlpArrayReader(ReadOnlySpan<byte> array)
{
    private ProtoReader _reader = new(array);

    /// <summary>Reads the next element; false at the end.</summary>
    public bool Next(out OtlpValue element)
    {
        while (_reader.NextTag(out var tag))
        {
            if (tag == (1 << 3 | 2))
            {
                element = OtlpValue.Parse(_reader.Bytes());
                return true;
            }

            _reader.Skip(tag);
        }

        element = default;
        return false;
    }
}

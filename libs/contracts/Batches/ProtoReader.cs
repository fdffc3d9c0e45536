using System.Buffers.Binary;

namespace Tributary.Contracts.Batches;

/// <summary>
/// Reads protobuf fields from untrusted bytes. Every length is checked against what is there; anything malformed is an
/// <see cref="InvalidDataException"/>, never a wrong answer.
/// </summary>
public ref struct ProtoReader(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _at;

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => _data.Length - _at;

    /// <summary>Reads the next field's tag; false at the end.</summary>
    public bool NextTag(out uint tag)
    {
        if (_at == _data.Length)
        {
            tag = 0;
            return false;
        }

        var value = Varint();
        if (value > uint.MaxValue || value >> 3 == 0)
        {
            throw Malformed("field number 0 or a tag out of range");
        }

        tag = (uint)value;
        return true;
    }

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_at >= _data.Length)
            {
                throw Malformed("an integer runs past the end");
            }

            var b = _data[_at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw Malformed("an integer of more than ten bytes");
    }

    public ulong Fixed64()
    {
        if (Remaining < 8)
        {
            throw Malformed("a fixed64 runs past the end");
        }

        var value = BinaryPrimitives.ReadUInt64LittleEndian(_data[_at..]);
        _at += 8;
        return value;
    }

    /// <summary>A length-delimited field's content.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        var length = Varint();
        if (length > (ulong)Remaining)
        {
            throw Malformed("a length runs past the end");
        }

        var value = _data.Slice(_at, (int)length);
        _at += (int)length;
        return value;
    }

    /// <summary>Passes over a field of a tag this reader's user does not know.</summary>
    public void Skip(uint tag)
    {
        switch (tag & 7)
        {
            case 0:
                Varint();
                break;
            case 1:
                Fixed64();
                break;
            case 2:
                Bytes();
                break;
            case 5:
                if (Remaining < 4)
                {
                    throw Malformed("a fixed32 runs past the end");
                }

                _at += 4;
                break;
            default:
                throw Malformed($"wire type {tag & 7}");
        }
    }

    private static InvalidDataException Malformed(string what) => new($"Malformed protobuf: {what}.");
}

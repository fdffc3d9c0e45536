using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Tributary.Contracts.Batches;

/// <summary>
/// Writes one AnyValue, nested to any depth, into a buffer that grows and is used again. A text that is not UTF-8
/// becomes <c>bytes_value</c>; a key that is not gets U+FFFD, so that neither can poison a batch. Not thread-safe.
/// </summary>
public sealed class OtlpValueWriter
{
    private byte[] _buffer = new byte[1024];
    private int _length;

    /// <summary>What was written since <see cref="Clear"/>; valid until more is written.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public void Clear() => _length = 0;

    public void Text(ReadOnlySpan<byte> text)
    {
        Ensure(text.Length + 16);
        _buffer[_length++] = Utf8.IsValid(text) ? OtlpFields.AnyString : OtlpFields.AnyBytes;
        Bytes(text);
    }

    public void Int(long value)
    {
        Ensure(16);
        _buffer[_length++] = OtlpFields.AnyInt;
        _length += Varint.Write(_buffer.AsSpan(_length), (ulong)value);
    }

    public void Double(double value)
    {
        Ensure(16);
        _buffer[_length++] = OtlpFields.AnyDouble;
        BinaryPrimitives.WriteDoubleLittleEndian(_buffer.AsSpan(_length), value);
        _length += 8;
    }

    public void Bool(bool value)
    {
        Ensure(16);
        _buffer[_length++] = OtlpFields.AnyBool;
        _buffer[_length++] = value ? (byte)1 : (byte)0;
    }

    /// <summary>Opens a map, whose members follow; <see cref="End"/> takes the mark.</summary>
    public int BeginMap() => Begin(OtlpFields.AnyKeyValueList);

    /// <summary>Opens a list, whose elements follow.</summary>
    public int BeginArray() => Begin(OtlpFields.AnyArray);

    /// <summary>Opens a list's element: its value follows. An element without one is null.</summary>
    public int BeginElement() => Begin(1 << 3 | 2);

    /// <summary>Opens a map's member: its value follows. A member without one is null.</summary>
    public (int Member, int Value) BeginMember(ReadOnlySpan<byte> key)
    {
        if (!Utf8.IsValid(key))
        {
            key = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(key));
        }

        var member = Begin(1 << 3 | 2);
        Ensure(key.Length + 16);
        _buffer[_length++] = OtlpFields.KeyValueKey;
        Bytes(key);
        return (member, Begin(OtlpFields.KeyValueValue));
    }

    public void EndMember((int Member, int Value) marks)
    {
        End(marks.Value);
        End(marks.Member);
    }

    /// <exception cref="InvalidOperationException">It has 256 MiB or more.</exception>
    public void End(int mark)
    {
        var size = _length - mark - 4;
        if (size >= 1 << 28)
        {
            throw new InvalidOperationException($"A value of {size} bytes; less than {1 << 28} are possible.");
        }

        Varint.WritePadded4(_buffer.AsSpan(mark), size);
    }

    private int Begin(byte tag)
    {
        Ensure(16);
        _buffer[_length++] = tag;
        _length += 4;
        return _length - 4;
    }

    private void Bytes(ReadOnlySpan<byte> bytes)
    {
        _length += Varint.Write(_buffer.AsSpan(_length), (ulong)bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Ensure(int more)
    {
        if (_buffer.Length - _length < more)
        {
            Array.Resize(ref _buffer, Math.Max(_length + more, _buffer.Length * 2));
        }
    }
}

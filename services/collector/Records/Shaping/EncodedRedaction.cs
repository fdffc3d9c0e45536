using System.Buffers;
using System.Buffers.Text;

namespace Tributary.Collector.Records.Shaping;

/// <summary>
/// Redacts inside an encoded OTLP AnyValue: texts and numbers in lists and maps, to any depth that a parser makes. What
/// is nested deeper or is no AnyValue is hidden whole: in doubt nothing gets through. Not thread-safe.
/// </summary>
internal sealed class EncodedRedaction(Redaction redaction)
{
    private const int DepthMax = 64;

    private const byte String = 1 << 3 | 2;
    private const byte Int = 3 << 3;
    private const byte Double = 4 << 3 | 1;
    private const byte Array = 5 << 3 | 2;
    private const byte Map = 6 << 3 | 2;
    private const byte Bytes = 7 << 3 | 2;
    private const byte Item = 1 << 3 | 2;
    private const byte PairKey = 1 << 3 | 2;
    private const byte PairValue = 2 << 3 | 2;

    private static ReadOnlySpan<byte> Unreadable => "[unreadable]"u8;

    private readonly ArrayBufferWriter<byte> _out = new();
    private bool _changed;

    /// <summary>False when there is nothing to hide.</summary>
    /// <param name="value">An AnyValue.</param>
    /// <param name="clean">The AnyValue to take in its place; valid until the next call.</param>
    public bool TryClean(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> clean)
    {
        _out.ResetWrittenCount();
        _changed = false;
        if (!TryCopyAny(value, 0))
        {
            _out.ResetWrittenCount();
            WriteField(String, Unreadable);
            _changed = true;
        }

        clean = _out.WrittenSpan;
        return _changed;
    }

    private bool TryCopyAny(ReadOnlySpan<byte> value, int depth)
    {
        if (value.IsEmpty)
        {
            return true;
        }

        if (depth > DepthMax)
        {
            return false;
        }

        var tag = value[0];
        switch (tag)
        {
            case String or Bytes:
                return TryBytes(value[1..], out var text, out var rest) && rest.IsEmpty && CopyText(tag, text);
            case Int when TryVarint(value[1..], out var number, out rest) && rest.IsEmpty:
                return CopyNumber(value, (long)number);
            case Double when value.Length == 9:
                return CopyNumber(value, BitConverter.ToDouble(value[1..]));
            case Array or Map:
                return TryBytes(value[1..], out var items, out rest) && rest.IsEmpty && TryCopyItems(tag, items, depth);
            case 2 << 3:
                _out.Write(value);
                return true;
            default:
                return false;
        }
    }

    private bool TryCopyItems(byte tag, ReadOnlySpan<byte> items, int depth)
    {
        var mark = Open(tag);
        while (!items.IsEmpty)
        {
            if (items[0] != Item || !TryBytes(items[1..], out var item, out items))
            {
                return false;
            }

            var inner = Open(Item);
            if (!(tag == Array ? TryCopyAny(item, depth + 1) : TryCopyPair(item, depth)))
            {
                return false;
            }

            Close(inner);
        }

        Close(mark);
        return true;
    }

    private bool TryCopyPair(ReadOnlySpan<byte> pair, int depth)
    {
        while (!pair.IsEmpty)
        {
            var tag = pair[0];
            if (!TryBytes(pair[1..], out var part, out pair))
            {
                return false;
            }

            if (tag == PairKey)
            {
                WriteField(tag, part);
                continue;
            }

            var mark = Open(PairValue);
            if (tag != PairValue || !TryCopyAny(part, depth + 1))
            {
                return false;
            }

            Close(mark);
        }

        return true;
    }

    private bool CopyText(byte tag, ReadOnlySpan<byte> text)
    {
        var changed = redaction.TryClean(text, out var clean);
        _changed |= changed;
        WriteField(tag, clean);
        return true;
    }

    private bool CopyNumber(ReadOnlySpan<byte> value, long number)
    {
        Span<byte> text = stackalloc byte[32];
        Utf8Formatter.TryFormat(number, text, out var length);
        return CopyNumber(value, text[..length]);
    }

    private bool CopyNumber(ReadOnlySpan<byte> value, double number)
    {
        Span<byte> text = stackalloc byte[32];
        Utf8Formatter.TryFormat(number, text, out var length);
        return CopyNumber(value, text[..length]);
    }

    private bool CopyNumber(ReadOnlySpan<byte> value, ReadOnlySpan<byte> text)
    {
        if (redaction.TryClean(text, out var clean))
        {
            _changed = true;
            WriteField(String, clean);
        }
        else
        {
            _out.Write(value);
        }

        return true;
    }

    private void WriteField(byte tag, ReadOnlySpan<byte> bytes)
    {
        var mark = Open(tag);
        _out.Write(bytes);
        Close(mark);
    }

    /// <summary>The length is filled in afterwards, in four bytes.</summary>
    private int Open(byte tag)
    {
        ReadOnlySpan<byte> head = [tag, 0, 0, 0, 0];
        _out.Write(head);
        return _out.WrittenCount;
    }

    private void Close(int mark)
    {
        var length = _out.WrittenCount - mark;
        var target = System.Runtime.InteropServices.MemoryMarshal.AsMemory(_out.WrittenMemory).Span.Slice(mark - 4, 4);
        target[0] = (byte)(length | 0x80);
        target[1] = (byte)(length >> 7 | 0x80);
        target[2] = (byte)(length >> 14 | 0x80);
        target[3] = (byte)(length >> 21 & 0x7F);
    }

    private static bool TryBytes(ReadOnlySpan<byte> source, out ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> rest)
    {
        bytes = default;
        if (!TryVarint(source, out var length, out rest) || length > (ulong)rest.Length)
        {
            return false;
        }

        bytes = rest[..(int)length];
        rest = rest[(int)length..];
        return true;
    }

    private static bool TryVarint(ReadOnlySpan<byte> source, out ulong value, out ReadOnlySpan<byte> rest)
    {
        value = 0;
        rest = default;
        for (var i = 0; i < source.Length && i < 10; i++)
        {
            value |= (ulong)(source[i] & 0x7F) << (7 * i);
            if (source[i] < 0x80)
            {
                rest = source[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}

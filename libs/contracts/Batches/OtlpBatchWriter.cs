using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Tributary.Contracts.Batches;

/// <summary>
/// Writes an OTLP <c>ExportLogsServiceRequest</c> by hand into one pooled buffer, without a copy for a source that has
/// one stream. A section is one ResourceLogs; lengths are reserved as four bytes and filled in when it ends. A body
/// that is not valid UTF-8 is written as <c>bytes_value</c>, so that it can neither poison the batch nor lose a byte.
/// Not thread-safe. Dispose returns the buffer.
/// </summary>
public sealed class OtlpBatchWriter : IDisposable
{
    /// <summary>The most that one record adds to its body's length.</summary>
    public const int RecordOverheadMax = 128;

    /// <summary>A section's length is written in four bytes of seven bits.</summary>
    private const int SectionBytesMax = 1 << 28;

    /// <summary>Record tag and size, both times, and tags and sizes of the body, each size in two bytes.</summary>
    private const int UsualHeadBytes = 27;

    /// <summary>The attribute of the offset up to its number.</summary>
    private const int OffsetHeadBytes = 29;

    /// <summary>What is written at once before the body and after it, the next of which overwrites the excess.</summary>
    private const int UsualWriteMax = 40;

    /// <summary>Two bytes say a record's size up to 16,383.</summary>
    private const int UsualBodyMax = 16_000;

    /// <summary>Eight bytes of seven bits.</summary>
    private const ulong UsualOffsetMax = (1UL << 56) - 1;

    private static readonly byte[] OffsetKey = KeyPrefix(OtlpAttributes.RecordOffset);
    private static readonly byte[] OffsetHead = [OtlpFields.RecordAttributes, 0, .. OffsetKey, OtlpFields.KeyValueValue, 0, OtlpFields.AnyInt, 0, 0, 0];
    private static readonly byte[] PartKey = KeyPrefix(OtlpAttributes.RecordPart);

    private byte[] _buffer;
    private int _length;
    private int _sectionLengthAt = -1;
    private int _scopeLengthAt;
    private int _recordLengthAt;

    public OtlpBatchWriter(int capacity = 64 * 1024) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>Bytes written so far.</summary>
    public int Length => _length;

    /// <summary>Records written so far.</summary>
    public int Records { get; private set; }

    /// <summary>The finished request. Valid until the next call that writes, and only between sections.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>Bytes that the rented buffer takes.</summary>
    public int Capacity => _buffer.Length;

    /// <summary>Opens a ResourceLogs with a resource from <see cref="OtlpResource.Encode"/>.</summary>
    public void BeginSection(ReadOnlySpan<byte> resource)
    {
        ThrowUnlessOpen(false);
        Ensure(resource.Length + 16);
        _buffer[_length++] = OtlpFields.RequestResourceLogs;
        _sectionLengthAt = _length;
        _length += 4;
        resource.CopyTo(_buffer.AsSpan(_length));
        _length += resource.Length;
        _buffer[_length++] = OtlpFields.ResourceLogsScopeLogs;
        _scopeLengthAt = _length;
        _length += 4;
    }

    /// <exception cref="InvalidOperationException">No section is open, or it has 256 MiB or more, which its length cannot say.</exception>
    public void EndSection()
    {
        ThrowUnlessOpen(true);
        if (_length - _sectionLengthAt >= SectionBytesMax)
        {
            throw new InvalidOperationException($"A section of {_length - _sectionLengthAt} bytes; less than {SectionBytesMax} are possible.");
        }

        Varint.WritePadded4(_buffer.AsSpan(_scopeLengthAt), _length - _scopeLengthAt - 4);
        Varint.WritePadded4(_buffer.AsSpan(_sectionLengthAt), _length - _sectionLengthAt - 4);
        _sectionLengthAt = -1;
    }

    /// <summary>Adds a record to the open section.</summary>
    /// <param name="timeUnixNano">When the line was written; 0 when unknown.</param>
    /// <param name="observedUnixNano">When the line was read.</param>
    /// <param name="offset">Where in the file the record starts.</param>
    /// <param name="part">0, or which further part of a split line this is.</param>
    /// <param name="body">The line, without its newline.</param>
    /// <param name="knownUtf8">Whether the body is known to be valid UTF-8; otherwise it is looked at.</param>
    [SkipLocalsInit]
    public void Append(ulong timeUnixNano, ulong observedUnixNano, long offset, int part, ReadOnlySpan<byte> body, bool knownUtf8 = false)
    {
        ThrowUnlessOpen(true);
        Ensure(body.Length + RecordOverheadMax);
        if (part != 0 || body.Length > UsualBodyMax || (ulong)offset > UsualOffsetMax)
        {
            AppendAny(timeUnixNano, observedUnixNano, offset, part, body);
            return;
        }

        // The usual record: every size takes two bytes, so that all before the body has its fixed place and is four words.
        var offsetSize = Varint.Size((ulong)offset);
        var size = (uint)(UsualHeadBytes - 3 + body.Length + 2 + OffsetHeadBytes - 2 + offsetSize);
        var type = knownUtf8 || Utf8.IsValid(body) ? OtlpFields.AnyString : OtlpFields.AnyBytes;
        var span = _buffer.AsSpan(_length);
        var head = span[..UsualWriteMax];
        BinaryPrimitives.WriteUInt64LittleEndian(
            head, OtlpFields.ScopeLogsLogRecords | (ulong)Varint.Padded2(size) << 8 | (ulong)OtlpFields.RecordTime << 24 | timeUnixNano << 32);
        BinaryPrimitives.WriteUInt64LittleEndian(
            head[8..], timeUnixNano >> 32 | (ulong)OtlpFields.RecordObservedTime << 32 | observedUnixNano << 40);
        BinaryPrimitives.WriteUInt64LittleEndian(
            head[16..], observedUnixNano >> 24 | (ulong)OtlpFields.RecordBody << 40 | (ulong)Varint.Padded2((uint)body.Length + 3) << 48);
        BinaryPrimitives.WriteUInt32LittleEndian(head[24..], type | Varint.Padded2((uint)body.Length) << 8);
        body.CopyTo(span[UsualHeadBytes..]);

        var tail = span.Slice(UsualHeadBytes + body.Length, UsualWriteMax);
        OffsetHead.AsSpan().CopyTo(tail);
        tail[1] = (byte)(OffsetHeadBytes - 2 + offsetSize);
        tail[OffsetHeadBytes - 2] = (byte)(1 + offsetSize);
        BinaryPrimitives.WriteUInt64LittleEndian(tail[OffsetHeadBytes..], Varint.Spread((ulong)offset, offsetSize));
        _length += UsualHeadBytes + body.Length + OffsetHeadBytes + offsetSize;
        Records++;
    }

    /// <summary>A record of any part, length and offset.</summary>
    private void AppendAny(ulong timeUnixNano, ulong observedUnixNano, long offset, int part, ReadOnlySpan<byte> body)
    {
        var anySize = 1 + Varint.Size((uint)body.Length) + body.Length;
        var offsetSize = Varint.Size((ulong)offset);
        var offsetAttribute = OffsetKey.Length + 3 + offsetSize;
        var size = 9 + 9 + 1 + Varint.Size((uint)anySize) + anySize + 2 + offsetAttribute;
        var partAttribute = 0;
        if (part > 0)
        {
            partAttribute = PartKey.Length + 3 + Varint.Size((uint)part);
            size += 2 + partAttribute;
        }

        var span = _buffer.AsSpan(_length);
        span[0] = OtlpFields.ScopeLogsLogRecords;
        var at = 1 + WriteSize(span[1..], size);
        span[at] = OtlpFields.RecordTime;
        BinaryPrimitives.WriteUInt64LittleEndian(span[(at + 1)..], timeUnixNano);
        span[at + 9] = OtlpFields.RecordObservedTime;
        BinaryPrimitives.WriteUInt64LittleEndian(span[(at + 10)..], observedUnixNano);
        at += 18;
        span[at++] = OtlpFields.RecordBody;
        at += WriteSize(span[at..], anySize);
        span[at++] = Utf8.IsValid(body) ? OtlpFields.AnyString : OtlpFields.AnyBytes;
        at += WriteSize(span[at..], body.Length);
        body.CopyTo(span[at..]);
        at += body.Length;
        at = WriteIntAttribute(span, at, offsetAttribute, OffsetKey, (ulong)offset, offsetSize);
        if (part > 0)
        {
            at = WriteIntAttribute(span, at, partAttribute, PartKey, (ulong)part, Varint.Size((uint)part));
        }

        _length += at;
        Records++;
    }

    /// <summary>
    /// Opens a record that has attributes of its own; they follow by <see cref="AddAttribute(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    /// and its kin, and <see cref="EndRecord"/> ends it.
    /// </summary>
    /// <param name="timeUnixNano">When the line was written; 0 when unknown.</param>
    /// <param name="observedUnixNano">When the line was read.</param>
    /// <param name="offset">Where in the file the record starts.</param>
    /// <param name="part">0, or which further part of a split line this is.</param>
    /// <param name="severityNumber">OTel's 1 to 24; 0 when unknown.</param>
    /// <param name="severityText">As the source wrote it; empty when unknown.</param>
    /// <param name="body">The text.</param>
    public void BeginRecord(
        ulong timeUnixNano, ulong observedUnixNano, long offset, int part, int severityNumber, ReadOnlySpan<byte> severityText, ReadOnlySpan<byte> body)
    {
        ThrowUnlessOpen(true);
        Ensure(body.Length + severityText.Length + RecordOverheadMax);
        _buffer[_length++] = OtlpFields.ScopeLogsLogRecords;
        _recordLengthAt = _length;
        var span = _buffer.AsSpan(_length);
        var at = 4;
        span[at] = OtlpFields.RecordTime;
        BinaryPrimitives.WriteUInt64LittleEndian(span[(at + 1)..], timeUnixNano);
        span[at + 9] = OtlpFields.RecordObservedTime;
        BinaryPrimitives.WriteUInt64LittleEndian(span[(at + 10)..], observedUnixNano);
        at += 18;
        if (severityNumber > 0)
        {
            span[at] = OtlpFields.RecordSeverityNumber;
            span[at + 1] = (byte)severityNumber;
            at += 2;
        }

        if (!severityText.IsEmpty && Utf8.IsValid(severityText))
        {
            span[at] = OtlpFields.RecordSeverityText;
            at = WriteBytes(span, at + 1, severityText);
        }

        span[at++] = OtlpFields.RecordBody;
        at += WriteSize(span[at..], 1 + Varint.Size((uint)body.Length) + body.Length);
        span[at] = Utf8.IsValid(body) ? OtlpFields.AnyString : OtlpFields.AnyBytes;
        at = WriteBytes(span, at + 1, body);
        var offsetSize = Varint.Size((ulong)offset);
        at = WriteIntAttribute(span, at, OffsetKey.Length + 3 + offsetSize, OffsetKey, (ulong)offset, offsetSize);
        if (part > 0)
        {
            var partSize = Varint.Size((uint)part);
            at = WriteIntAttribute(span, at, PartKey.Length + 3 + partSize, PartKey, (ulong)part, partSize);
        }

        _length += at;
    }

    /// <summary>Adds a text; what is not valid UTF-8 becomes <c>bytes_value</c>. A key that is not is left out, as no reader would take it.</summary>
    public void AddAttribute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text)
    {
        var valueSize = 1 + Varint.Size((uint)text.Length) + text.Length;
        if (BeginAttribute(key, valueSize, out var span, out var at))
        {
            span[at] = Utf8.IsValid(text) ? OtlpFields.AnyString : OtlpFields.AnyBytes;
            _length += WriteBytes(span, at + 1, text);
        }
    }

    public void AddAttribute(ReadOnlySpan<byte> key, long value)
    {
        if (BeginAttribute(key, 1 + Varint.Size((ulong)value), out var span, out var at))
        {
            span[at] = OtlpFields.AnyInt;
            _length += at + 1 + Varint.Write(span[(at + 1)..], (ulong)value);
        }
    }

    public void AddAttribute(ReadOnlySpan<byte> key, double value)
    {
        if (BeginAttribute(key, 9, out var span, out var at))
        {
            span[at] = OtlpFields.AnyDouble;
            BinaryPrimitives.WriteDoubleLittleEndian(span[(at + 1)..], value);
            _length += at + 9;
        }
    }

    public void AddAttribute(ReadOnlySpan<byte> key, bool value)
    {
        if (BeginAttribute(key, 2, out var span, out var at))
        {
            span[at] = OtlpFields.AnyBool;
            span[at + 1] = value ? (byte)1 : (byte)0;
            _length += at + 2;
        }
    }

    /// <summary>Adds an AnyValue that is encoded already.</summary>
    public void AddEncodedAttribute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> anyValue)
    {
        if (BeginAttribute(key, anyValue.Length, out var span, out var at))
        {
            anyValue.CopyTo(span[at..]);
            _length += at + anyValue.Length;
        }
    }

    /// <summary>Ends the record that <see cref="BeginRecord"/> opened.</summary>
    /// <exception cref="InvalidOperationException">The record has 256 MiB or more.</exception>
    public void EndRecord()
    {
        var size = _length - _recordLengthAt - 4;
        if (size >= SectionBytesMax)
        {
            throw new InvalidOperationException($"A record of {size} bytes; less than {SectionBytesMax} are possible.");
        }

        Varint.WritePadded4(_buffer.AsSpan(_recordLengthAt), size);
        Records++;
    }

    /// <summary>Adds the finished sections of another writer: in protobuf, concatenation is merging.</summary>
    public void AppendSections(OtlpBatchWriter other)
    {
        ThrowUnlessOpen(false);
        other.ThrowUnlessOpen(false);
        Ensure(other._length);
        other._buffer.AsSpan(0, other._length).CopyTo(_buffer.AsSpan(_length));
        _length += other._length;
        Records += other.Records;
    }

    /// <summary>Empties the writer and keeps its buffer.</summary>
    public void Clear()
    {
        _length = 0;
        _sectionLengthAt = -1;
        Records = 0;
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        _length = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes an attribute's head; its value comes at <paramref name="at"/>. False when the key is not UTF-8.</summary>
    private bool BeginAttribute(ReadOnlySpan<byte> key, int valueSize, out Span<byte> span, out int at)
    {
        at = 0;
        span = default;
        if (!Utf8.IsValid(key))
        {
            return false;
        }

        var size = 1 + Varint.Size((uint)key.Length) + key.Length + 1 + Varint.Size((uint)valueSize) + valueSize;
        Ensure(size + 16);
        span = _buffer.AsSpan(_length);
        span[0] = OtlpFields.RecordAttributes;
        at = 1 + WriteSize(span[1..], size);
        span[at] = OtlpFields.KeyValueKey;
        at = WriteBytes(span, at + 1, key);
        span[at] = OtlpFields.KeyValueValue;
        at += 1 + WriteSize(span[(at + 1)..], valueSize);
        return true;
    }

    /// <summary>Writes length and bytes; returns where they end.</summary>
    private static int WriteBytes(Span<byte> span, int at, ReadOnlySpan<byte> bytes)
    {
        at += WriteSize(span[at..], bytes.Length);
        bytes.CopyTo(span[at..]);
        return at + bytes.Length;
    }

    private static int WriteIntAttribute(Span<byte> span, int at, int size, byte[] key, ulong value, int valueSize)
    {
        span[at] = OtlpFields.RecordAttributes;
        span[at + 1] = (byte)size;
        key.CopyTo(span[(at + 2)..]);
        at += 2 + key.Length;
        span[at] = OtlpFields.KeyValueValue;
        span[at + 1] = (byte)(1 + valueSize);
        span[at + 2] = OtlpFields.AnyInt;
        return at + 3 + Varint.Write(span[(at + 3)..], value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WriteSize(Span<byte> span, int size)
    {
        if (size < 0x80)
        {
            span[0] = (byte)size;
            return 1;
        }

        if (size < 0x4000)
        {
            span[0] = (byte)(size | 0x80);
            span[1] = (byte)(size >> 7);
            return 2;
        }

        return Varint.Write(span, (ulong)size);
    }

    private static byte[] KeyPrefix(string key) =>
        [OtlpFields.KeyValueKey, (byte)key.Length, .. System.Text.Encoding.ASCII.GetBytes(key)];

    /// <summary>Outside a section a record would be a field that nobody reads.</summary>
    private void ThrowUnlessOpen(bool open)
    {
        if (_sectionLengthAt >= 0 != open)
        {
            throw new InvalidOperationException(open ? "No section is open." : "A section is open.");
        }
    }

    private void Ensure(int more)
    {
        if (_buffer.Length - _length < more)
        {
            Grow(more);
        }
    }

    private void Grow(int more)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + more, _buffer.Length * 2));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}

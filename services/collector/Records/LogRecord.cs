using System.Buffers.Text;
using Tributary.Collector.Formats;

namespace Tributary.Collector.Records;

/// <summary>
/// One record between the file and the batch, where rules parse and shape it. All its bytes lie in one buffer, the
/// body first, so that a parsed field is a <see cref="Slice"/> of the body and costs no copy. One object serves all
/// records, one after another: <see cref="Begin"/> empties it. Not thread-safe.
/// </summary>
internal sealed class LogRecord
{
    private byte[] _bytes = new byte[4096];
    private int _used;
    private Field[] _fields = new Field[16];

    /// <summary>Of the file or other source that the record comes from; with offset and part it makes the uid.</summary>
    public string SourceId { get; set; } = "";

    public LogStream Stream { get; private set; }

    /// <summary>When the line was written, nanoseconds since 1970 UTC; 0 when unknown.</summary>
    public ulong TimeUnixNano { get; set; }

    /// <summary>When the file was read, nanoseconds since 1970 UTC. Set before a turn's records; <see cref="Begin"/> leaves it.</summary>
    public ulong ObservedUnixNano { get; set; }

    /// <summary>The best that is known before anything is parsed: tells the year of a time that says none.</summary>
    public ulong ReferenceTime => TimeUnixNano != 0 ? TimeUnixNano : ObservedUnixNano;

    public long Offset { get; private set; }

    /// <summary>0, or which further part of a split line this is.</summary>
    public int Part { get; private set; }

    /// <summary>OTel's severity number, 1 to 24; 0 when unknown.</summary>
    public int SeverityNumber { get; set; }

    /// <summary>The severity as the source wrote it.</summary>
    public Slice SeverityText { get; set; }

    /// <summary>The line at first; rules may choose another text.</summary>
    public Slice Body { get; set; }

    /// <summary>How many fields it has.</summary>
    public int Count { get; private set; }

    /// <summary>The fields, in order; a rule may replace one in place. Valid until a field is added.</summary>
    public Span<Field> Fields => _fields.AsSpan(0, Count);

    /// <summary>Empties the record and takes a line's text as its body.</summary>
    public void Begin(LogStream stream, ulong timeUnixNano, long offset, int part, ReadOnlySpan<byte> text)
    {
        Stream = stream;
        TimeUnixNano = timeUnixNano;
        Offset = offset;
        Part = part;
        SeverityNumber = 0;
        SeverityText = default;
        Count = 0;
        _used = 0;
        Body = Store(text);
    }

    /// <summary>The bytes of a slice; valid until something is stored.</summary>
    public ReadOnlySpan<byte> this[Slice slice] => _bytes.AsSpan(slice.Start, slice.Length);

    /// <summary>The body's bytes; valid until something is stored.</summary>
    public ReadOnlySpan<byte> BodyBytes => this[Body];

    /// <summary>Keeps a copy of the bytes, which may be bytes of this record.</summary>
    public Slice Store(ReadOnlySpan<byte> bytes)
    {
        var target = Reserve(bytes.Length, out var slice);
        bytes.CopyTo(target);
        return slice;
    }

    /// <summary>Room to write at most so many bytes; <see cref="Slice.Length"/> may be lowered afterwards.</summary>
    public Span<byte> Reserve(int length, out Slice slice)
    {
        if (_bytes.Length - _used < length)
        {
            // Not resized in place: what is stored may point into the old buffer.
            var larger = new byte[Math.Max(_used + length, _bytes.Length * 2)];
            _bytes.AsSpan(0, _used).CopyTo(larger);
            _bytes = larger;
        }

        slice = new Slice(_used, length);
        _used += length;
        return _bytes.AsSpan(slice.Start, length);
    }

    /// <summary>Adds a field whose text is part of this record already. A key may come twice: the last one counts for rules.</summary>
    public void Add(ReadOnlySpan<byte> key, Slice text) => Add(Store(key), FieldKind.Text, text, 0);

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text) => Add(key, Store(text));

    public void AddInt(ReadOnlySpan<byte> key, long value) => Add(Store(key), FieldKind.Int, default, value);

    public void AddDouble(ReadOnlySpan<byte> key, double value) => Add(Store(key), FieldKind.Double, default, BitConverter.DoubleToInt64Bits(value));

    public void AddBool(ReadOnlySpan<byte> key, bool value) => Add(Store(key), FieldKind.Bool, default, value ? 1 : 0);

    /// <summary>Adds a field of any kind; <paramref name="text"/> is the text, the encoded value, or of a number how it was written; <paramref name="bits"/> the number.</summary>
    public void Add(Slice key, FieldKind kind, Slice text, long bits)
    {
        if (Count == _fields.Length)
        {
            Array.Resize(ref _fields, Count * 2);
        }

        _fields[Count++] = new Field(key, kind, text, bits);
    }

    /// <summary>The index of the last field with the key; -1 when there is none.</summary>
    public int IndexOf(ReadOnlySpan<byte> key)
    {
        for (var i = Count - 1; i >= 0; i--)
        {
            if (this[_fields[i].Key].SequenceEqual(key))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Keeps the first fields alone.</summary>
    public void Truncate(int count) => Count = Math.Min(Count, count);

    public void RemoveAt(int index)
    {
        _fields.AsSpan(index + 1, Count - index - 1).CopyTo(_fields.AsSpan(index));
        Count--;
    }

    /// <summary>A field's value as text, numbers written out; empty for an encoded value. Valid until something is stored.</summary>
    public ReadOnlySpan<byte> TextOf(int index)
    {
        var field = _fields[index];
        switch (field.Kind)
        {
            case FieldKind.Text:
                return this[field.Text];
            case FieldKind.Bool:
                return field.Bits != 0 ? "true"u8 : "false"u8;
            case FieldKind.Encoded:
                return [];
            default:
                var target = Reserve(32, out var slice);
                var length = 0;
                _ = field.Kind == FieldKind.Int
                    ? Utf8Formatter.TryFormat(field.Bits, target, out length)
                    : Utf8Formatter.TryFormat(BitConverter.Int64BitsToDouble(field.Bits), target, out length);
                return this[slice with { Length = length }];
        }
    }
}

/// <summary>Some bytes of a <see cref="LogRecord"/>.</summary>
internal readonly record struct Slice(int Start, int Length);

/// <summary>One attribute of a record.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Kind">How to read the rest.</param>
/// <param name="Text">The text, or the encoded value; of a number how it was written, where that is known.</param>
/// <param name="Bits">The number; of a double its bits.</param>
internal readonly record struct Field(Slice Key, FieldKind Kind, Slice Text, long Bits);

internal enum FieldKind
{
    Text,
    Int,
    Double,
    Bool,

    /// <summary>An OTLP AnyValue, encoded: lists and maps.</summary>
    Encoded,
}

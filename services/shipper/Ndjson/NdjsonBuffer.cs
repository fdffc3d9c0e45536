using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace Tributary.Shipper.Ndjson;

/// <summary>A growing pooled buffer with the few JSON primitives that a record needs. Not thread-safe; dispose returns the buffer.</summary>
internal sealed class NdjsonBuffer : IDisposable
{
    private static readonly SearchValues<byte> NeedsEscape = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(i => (byte)i), (byte)'"', (byte)'\\']);

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        Ensure(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(Length));
        Length += bytes.Length;
    }

    public void Number(long value)
    {
        Ensure(20);
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(Length), out var written);
        Length += written;
    }

    public void Number(double value)
    {
        if (!double.IsFinite(value))
        {
            String(Encoding.ASCII.GetBytes(value.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            return;
        }

        Ensure(32);
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(Length), out var written);
        Length += written;
    }

    /// <summary>A string in quotes; what is not UTF-8 becomes U+FFFD.</summary>
    public void String(ReadOnlySpan<byte> text)
    {
        Raw("\""u8);
        StringPart(text);
        Raw("\""u8);
    }

    /// <summary>A string's content, without quotes.</summary>
    public void StringPart(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
        {
            text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));
        }

        Escaped(text);
    }

    /// <summary>Bytes as a base64 string in quotes.</summary>
    public void Base64(ReadOnlySpan<byte> bytes)
    {
        Raw("\""u8);
        Ensure(Base64Size(bytes.Length));
        System.Buffers.Text.Base64.EncodeToUtf8(bytes, _buffer.AsSpan(Length), out _, out var written);
        Length += written;
        Raw("\""u8);
    }

    /// <summary>An RFC 3339 time in quotes, UTC with nanoseconds.</summary>
    public void Time(ulong unixNano)
    {
        Ensure(32);
        var span = _buffer.AsSpan(Length);
        var time = DateTime.UnixEpoch.AddTicks((long)(unixNano / 100));
        span[0] = (byte)'"';
        Utf8Formatter.TryFormat(time, span[1..], out var written, 'O');
        // "O" has seven digits and a Z; two more digits make nanoseconds.
        var rest = (int)(unixNano % 100);
        span[written] = (byte)('0' + rest / 10);
        span[written + 1] = (byte)('0' + rest % 10);
        span[written + 2] = (byte)'Z';
        span[written + 3] = (byte)'"';
        Length += written + 4;
    }

    public void Clear() => Length = 0;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Escaped(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            var at = text.IndexOfAny(NeedsEscape);
            if (at < 0)
            {
                Raw(text);
                return;
            }

            Raw(text[..at]);
            Escape(text[at]);
            text = text[(at + 1)..];
        }
    }

    private void Escape(byte b)
    {
        switch (b)
        {
            case (byte)'"':
                Raw("\\\""u8);
                break;
            case (byte)'\\':
                Raw("\\\\"u8);
                break;
            case (byte)'\n':
                Raw("\\n"u8);
                break;
            case (byte)'\r':
                Raw("\\r"u8);
                break;
            case (byte)'\t':
                Raw("\\t"u8);
                break;
            default:
                Raw("\\u00"u8);
                Raw([Hex(b >> 4), Hex(b & 0xF)]);
                break;
        }
    }

    private static byte Hex(int digit) => (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);

    private static int Base64Size(int length) => (length + 2) / 3 * 4;

    private void Ensure(int more)
    {
        if (_buffer.Length - Length < more)
        {
            var length = Math.Min(Math.Max((long)Length + more, _buffer.Length * 2L), Array.MaxLength);
            var larger = ArrayPool<byte>.Shared.Rent((int)length);
            _buffer.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
    }
}

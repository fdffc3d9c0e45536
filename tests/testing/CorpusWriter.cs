using System.Globalization;
using Tributary.Contracts;

namespace Tributary.Testing;

/// <summary>Frames texts as a runtime does, through one buffer.</summary>
internal sealed class CorpusWriter(Stream output, LogFormat format)
{
    private const int LineBytesMax = 1024;

    private static readonly DateTime s_start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly byte[] _buffer = new byte[1 << 20];
    private int _used;

    /// <summary>One physical line. The time grows by a millisecond a record.</summary>
    internal void Line(ReadOnlySpan<byte> text, long sequence, bool partial)
    {
        if (_buffer.Length - _used < LineBytesMax)
        {
            Flush();
        }

        switch (format)
        {
            case LogFormat.Cri:
                Time(sequence);
                Copy(partial ? " stdout P "u8 : " stdout F "u8);
                Copy(text);
                Copy("\n"u8);
                break;
            case LogFormat.Docker:
                Copy("{\"log\":\""u8);
                Escaped(text);
                Copy(partial ? "\",\"stream\":\"stdout\",\"time\":\""u8 : "\\n\",\"stream\":\"stdout\",\"time\":\""u8);
                Time(sequence);
                Copy("\"}\n"u8);
                break;
            default:
                Copy(text);
                Copy("\n"u8);
                break;
        }
    }

    internal void Flush()
    {
        output.Write(_buffer, 0, _used);
        _used = 0;
    }

    // Nanoseconds, as the runtimes write them.
    private void Time(long sequence)
    {
        s_start.AddMilliseconds(sequence).TryFormat(_buffer.AsSpan(_used), out var written, "yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture);
        _used += written;
        Copy("00Z"u8);
    }

    private void Escaped(ReadOnlySpan<byte> text)
    {
        while (text.IndexOfAny((byte)'"', (byte)'\\') is var index and >= 0)
        {
            Copy(text[..index]);
            _buffer[_used++] = (byte)'\\';
            _buffer[_used++] = text[index];
            text = text[(index + 1)..];
        }

        Copy(text);
    }

    private void Copy(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(_used));
        _used += bytes.Length;
    }
}

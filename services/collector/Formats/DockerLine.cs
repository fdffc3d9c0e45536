using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Tributary.Collector.Formats;

/// <summary>
/// A line of Docker's json-file driver: <c>{"log":"text\n","stream":"stdout","time":"…"}</c>. The layout that Docker
/// writes is read by hand; any other JSON object with these members falls back to a JSON reader. A text without a final
/// newline is one of Docker's 16 KiB pieces (or the last line before the container ended). Not thread-safe: the text
/// points into this parser's buffer.
/// </summary>
internal sealed class DockerLine
{
    private static readonly SearchValues<byte> QuoteOrBackslash = SearchValues.Create("\"\\"u8);

    private byte[] _text = new byte[32 * 1024];

    /// <summary>Lines that needed the slow path, for finding out when a layout is common.</summary>
    public long SlowLines { get; private set; }

    /// <summary>Takes the line apart; false when it is not in the format.</summary>
    public bool TryParse(ReadOnlySpan<byte> line, Rfc3339 times, ref Fragment fragment)
    {
        if (TryParseUsual(line, times, ref fragment))
        {
            return true;
        }

        SlowLines++;
        return TryParseAny(line, times, ref fragment);
    }

    private bool TryParseUsual(ReadOnlySpan<byte> line, Rfc3339 times, ref Fragment fragment)
    {
        if (!line.StartsWith("{\"log\":\""u8))
        {
            return false;
        }

        var rest = line["{\"log\":\"".Length..];
        int end;
        var first = rest.IndexOfAny(QuoteOrBackslash);
        if (first >= 0 && rest[first..].StartsWith("\\n\""u8))
        {
            // The common line: nothing escaped but the newline at its end.
            fragment.Text = rest[..first];
            fragment.Partial = false;
            end = first + 2;
        }
        else
        {
            ReadOnlySpan<byte> text = default;
            end = first < 0 ? -1 : Unescape(rest, first, out text);
            if (end < 0)
            {
                return false;
            }

            SetText(text, ref fragment);
        }

        rest = rest[(end + 1)..];
        if (!rest.StartsWith(",\"stream\":\"std"u8))
        {
            return false;
        }

        rest = rest[",\"stream\":\"std".Length..];
        if (rest.StartsWith("out\",\"time\":\""u8))
        {
            fragment.Stream = LogStream.Stdout;
        }
        else if (rest.StartsWith("err\",\"time\":\""u8))
        {
            fragment.Stream = LogStream.Stderr;
        }
        else
        {
            return false;
        }

        rest = rest["out\",\"time\":\"".Length..];
        if (!rest.EndsWith("\"}"u8) || !times.TryParse(rest[..^2], out fragment.TimeUnixNano))
        {
            return false;
        }

        return true;
    }

    private bool TryParseAny(ReadOnlySpan<byte> line, Rfc3339 times, ref Fragment fragment)
    {
        var hasLog = false;
        fragment.Stream = LogStream.Stdout;
        fragment.TimeUnixNano = 0;
        var text = 0;
        try
        {
            var json = new Utf8JsonReader(line);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("log"u8) && json.Read() && json.TokenType == JsonTokenType.String)
                {
                    EnsureText(json.ValueSpan.Length);
                    text = json.CopyString(_text);
                    hasLog = true;
                }
                else if (json.ValueTextEquals("stream"u8) && json.Read() && json.TokenType == JsonTokenType.String)
                {
                    fragment.Stream = json.ValueTextEquals("stderr"u8) ? LogStream.Stderr : LogStream.Stdout;
                }
                else if (json.ValueTextEquals("time"u8) && json.Read() && json.TokenType == JsonTokenType.String)
                {
                    _ = times.TryParse(json.ValueSpan, out fragment.TimeUnixNano);
                }
                else
                {
                    json.Skip();
                }
            }

            // What follows the object would be lost: two lines glued together by a crash are kept whole.
            if (json.TokenType != JsonTokenType.EndObject || json.Read())
            {
                return false;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or a string that is no Unicode: the caller keeps the line whole.
            return false;
        }

        SetText(_text.AsSpan(0, text), ref fragment);
        return hasLog;
    }

    private static void SetText(ReadOnlySpan<byte> text, ref Fragment fragment)
    {
        fragment.Partial = text.IsEmpty || text[^1] != '\n';
        fragment.Text = fragment.Partial ? text : text[..^1];
    }

    /// <summary>Finds the string's closing quote and returns its index; the text points into the line where nothing was escaped.</summary>
    private int Unescape(ReadOnlySpan<byte> rest, int at, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (rest[at] == '"')
        {
            text = rest[..at];
            return at;
        }

        EnsureText(rest.Length);
        var target = _text.AsSpan();
        rest[..at].CopyTo(target);
        var length = at;
        while (true)
        {
            if (rest[at] == '"')
            {
                text = _text.AsSpan(0, length);
                return at;
            }

            var used = Escape(rest[at..], target[length..], out var written);
            if (used == 0)
            {
                return -1;
            }

            at += used;
            length += written;
            var next = rest[at..].IndexOfAny(QuoteOrBackslash);
            if (next < 0)
            {
                return -1;
            }

            rest.Slice(at, next).CopyTo(target[length..]);
            at += next;
            length += next;
        }
    }

    /// <summary>Decodes the escape at the start; 0 when it is none, which leaves the line to the JSON reader.</summary>
    private static int Escape(ReadOnlySpan<byte> rest, Span<byte> target, out int written)
    {
        written = 1;
        if (rest.Length < 2)
        {
            return 0;
        }

        switch (rest[1])
        {
            case (byte)'n':
                target[0] = (byte)'\n';
                return 2;
            case (byte)'t':
                target[0] = (byte)'\t';
                return 2;
            case (byte)'r':
                target[0] = (byte)'\r';
                return 2;
            case (byte)'b':
                target[0] = (byte)'\b';
                return 2;
            case (byte)'f':
                target[0] = (byte)'\f';
                return 2;
            case (byte)'"' or (byte)'\\' or (byte)'/':
                target[0] = rest[1];
                return 2;
            case (byte)'u':
                return UnicodeEscape(rest, target, out written);
            default:
                return 0;
        }
    }

    private static int UnicodeEscape(ReadOnlySpan<byte> rest, Span<byte> target, out int written)
    {
        written = 0;
        if (!TryHex(rest, out var unit))
        {
            return 0;
        }

        if (!char.IsSurrogate(unit))
        {
            written = new Rune(unit).EncodeToUtf8(target);
            return 6;
        }

        if (TryHex(rest[6..], out var low) && Rune.TryCreate(unit, low, out var rune))
        {
            written = rune.EncodeToUtf8(target);
            return 12;
        }

        return 0;
    }

    private static bool TryHex(ReadOnlySpan<byte> rest, out char unit)
    {
        unit = '\0';
        if (rest.Length < 6 || rest[0] != '\\' || rest[1] != 'u')
        {
            return false;
        }

        var value = 0;
        foreach (var digit in rest[2..6])
        {
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return false;
            }

            value = value << 4 | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        unit = (char)value;
        return true;
    }

    private void EnsureText(int length)
    {
        if (_text.Length < length)
        {
            _text = new byte[Math.Max(length, _text.Length * 2)];
        }
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Tributary.Config;

namespace Tributary.Collector.Tailing.Decoding;

/// <summary>
/// Turns lines of one encoding into UTF-8. A line that is not in the encoding is not turned: its bytes go on as they
/// are, so that none is lost. In all of these encodings but UTF-16 a line feed is one byte that nothing else contains.
/// The text is valid until the next line. Not thread-safe.
/// </summary>
internal sealed class LineDecoder
{
    /// <summary>In every double-byte encoding a byte below this one is a character of its own.</summary>
    private const byte AlwaysAlone = 0x30;

    /// <summary>How far back a cut looks for a place between two characters.</summary>
    private const int CutBytesMax = 4096;

    private readonly Encoding? _encoding;
    private readonly bool _bigEndian;
    private char[] _chars = [];
    private byte[] _utf8 = [];

    private LineDecoder(Encoding? encoding, bool bigEndian)
    {
        _encoding = encoding;
        _bigEndian = bigEndian;
    }

    /// <summary>Whether it is UTF-16: line feeds are two bytes, at even places.</summary>
    public bool IsWide => _encoding is null;

    /// <param name="name">One of <see cref="TextEncodings.Names"/>, save UTF-8.</param>
    public static LineDecoder Of(string name) => TextEncodings.CodePageOf(name) is { } page
        ? new(Exact(page), false)
        : new(null, name == "utf-16be");

    private static Encoding Exact(int page)
    {
        var replacement = new DecoderReplacementFallback("\uFFFD");
        return CodePagesEncodingProvider.Instance.GetEncoding(page, EncoderFallback.ReplacementFallback, replacement)
            ?? Encoding.GetEncoding(page, EncoderFallback.ReplacementFallback, replacement);
    }

    /// <summary>UTF-16 by the two bytes at the file's start; null where they are no mark.</summary>
    public static bool? IsBigEndian(ReadOnlySpan<byte> start) =>
        start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) ? false : start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) ? true : null;

    /// <summary>Where in the data the next line feed of UTF-16 starts; -1 when there is none.</summary>
    /// <param name="data">Bytes of the file.</param>
    /// <param name="offset">Where in the file they start: characters start at even places.</param>
    public int WideNewline(ReadOnlySpan<byte> data, long offset)
    {
        var odd = (int)(offset & 1);
        if (data.Length < odd + 2)
        {
            return -1;
        }

        data = data[odd..];
        var units = MemoryMarshal.Cast<byte, ushort>(data[..(data.Length & ~1)]);
        var at = units.IndexOf(_bigEndian ? (ushort)0x0A00 : (ushort)0x000A);
        return at < 0 ? -1 : at * 2 + odd;
    }

    /// <summary>The text in UTF-8; false when it is not in this encoding.</summary>
    public bool TryDecode(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> utf8)
    {
        utf8 = default;
        var chars = IsWide ? Wide(text) : Narrow(text);
        if (chars is null)
        {
            return false;
        }

        if (_utf8.Length < chars.Value.Count * 3)
        {
            _utf8 = new byte[Math.Max(chars.Value.Count * 3, _utf8.Length * 2)];
        }

        if (Utf8.FromUtf16(chars.Value.AsSpan(), _utf8, out _, out var written, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            return false;
        }

        utf8 = _utf8.AsSpan(0, written);
        return true;
    }

    /// <summary>At most so many bytes of the text that end between two characters, where such a place is near.</summary>
    public int Cut(ReadOnlySpan<byte> text, int maximum)
    {
        if (text.Length <= maximum)
        {
            return text.Length;
        }

        if (IsWide)
        {
            var even = maximum & ~1;
            return even >= 4 && char.IsHighSurrogate((char)Unit(text[(even - 2)..])) ? even - 2 : Math.Max(2, even);
        }

        var from = Math.Max(1, maximum - CutBytesMax);
        var found = text[from..maximum].LastIndexOfAnyInRange((byte)0, (byte)(AlwaysAlone - 1));
        return found < 0 ? maximum : from + found;
    }

    private ushort Unit(ReadOnlySpan<byte> bytes) =>
        _bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private ArraySegment<char>? Wide(ReadOnlySpan<byte> text)
    {
        if (text.Length % 2 != 0)
        {
            return null;
        }

        var length = text.Length / 2;
        Ensure(length);
        var units = MemoryMarshal.Cast<char, ushort>(_chars.AsSpan(0, length));
        MemoryMarshal.Cast<byte, ushort>(text).CopyTo(units);
        if (_bigEndian)
        {
            BinaryPrimitives.ReverseEndianness(units, units);
        }

        // The mark at the file's start is no text.
        var skip = length > 0 && _chars[0] == '\uFEFF' ? 1 : 0;
        return new(_chars, skip, length - skip);
    }

    private ArraySegment<char>? Narrow(ReadOnlySpan<byte> text)
    {
        Ensure(_encoding!.GetMaxCharCount(text.Length));
        var length = _encoding.GetChars(text, _chars);
        // What stands for bytes that are none, and for nothing else in these encodings but GB18030's own U+FFFD.
        return _chars.AsSpan(0, length).Contains('\uFFFD') ? null : new(_chars, 0, length);
    }

    private void Ensure(int chars)
    {
        if (_chars.Length < chars)
        {
            _chars = new char[Math.Max(chars, _chars.Length * 2)];
        }
    }
}

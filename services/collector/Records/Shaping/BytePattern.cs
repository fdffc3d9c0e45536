using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Tributary.Collector.Records.Shaping;

/// <summary>
/// A regular expression over UTF-8 bytes. Runs on the non-backtracking engine, so in time linear in the text; a byte
/// that is not UTF-8 counts as one U+FFFD. Where the expression cannot match without some text, the bytes are searched
/// for that first. Not thread-safe.
/// </summary>
internal sealed class BytePattern
{
    /// <summary>Buffers above this many characters are let go after use.</summary>
    private const int KeptCharacters = 256 * 1024;

    private readonly Regex _regex;
    private readonly byte[]? _literal;
    private readonly bool _isLiteral;
    private char[] _characters = [];
    private int[] _offsets = [];

    public BytePattern(string pattern)
    {
        _regex = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        _literal = RequiredLiteral.Of(pattern, out _isLiteral);
    }

    public bool IsMatch(ReadOnlySpan<byte> text)
    {
        if (_literal is not null && text.IndexOf(_literal) < 0)
        {
            return false;
        }

        if (_isLiteral)
        {
            return true;
        }

        var matches = _regex.IsMatch(Decode(text, withOffsets: false, out _));
        Trim();
        return matches;
    }

    /// <summary>Adds what matches, in order, none empty and no two overlapping.</summary>
    public void FindAll(ReadOnlySpan<byte> text, List<Slice> found)
    {
        if (_literal is not null && text.IndexOf(_literal) < 0)
        {
            return;
        }

        var characters = Decode(text, withOffsets: true, out var isAscii);
        foreach (var match in _regex.EnumerateMatches(characters))
        {
            if (match.Length > 0)
            {
                var start = isAscii ? match.Index : _offsets[match.Index];
                var end = isAscii ? match.Index + match.Length : _offsets[match.Index + match.Length];
                found.Add(new Slice(start, end - start));
            }
        }

        Trim();
    }

    /// <summary>The text as UTF-16; unless it is ASCII, <see cref="_offsets"/> says where each character starts.</summary>
    private ReadOnlySpan<char> Decode(ReadOnlySpan<byte> text, bool withOffsets, out bool isAscii)
    {
        if (_characters.Length < text.Length)
        {
            _characters = new char[Math.Max(text.Length, 1024)];
        }

        isAscii = Ascii.ToUtf16(text, _characters, out _) == OperationStatus.Done;
        if (isAscii)
        {
            return _characters.AsSpan(0, text.Length);
        }

        if (withOffsets && _offsets.Length <= text.Length)
        {
            _offsets = new int[_characters.Length + 1];
        }

        var count = 0;
        for (var at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf8(text[at..], out var rune, out var consumed);
            var written = rune.EncodeToUtf16(_characters.AsSpan(count));
            for (var i = 0; withOffsets && i < written; i++)
            {
                _offsets[count + i] = at;
            }

            count += written;
            at += consumed;
        }

        if (withOffsets)
        {
            _offsets[count] = text.Length;
        }

        return _characters.AsSpan(0, count);
    }

    private void Trim()
    {
        if (_characters.Length > KeptCharacters)
        {
            _characters = [];
            _offsets = [];
        }
    }
}

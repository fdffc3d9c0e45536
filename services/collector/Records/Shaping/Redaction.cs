using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Tributary.Collector.Records.Shaping.Finding;

namespace Tributary.Collector.Records.Shaping;

/// <summary>
/// Hides what the finders find in a text, each looking at what the one before left. In its place stands a fixed text,
/// or a keyed hash in letters: 64 bits of an HMAC, equal for equal texts. Not thread-safe.
/// </summary>
internal sealed class Redaction(IFinder[] finders, string with, string? salt)
{
    private const int KeptBytes = 1024 * 1024;

    private const int HashLetters = 16;

    private readonly byte[] _with = Encoding.UTF8.GetBytes(with);
    private readonly byte[]? _salt = salt is null ? null : Encoding.UTF8.GetBytes(salt);
    private readonly List<Slice> _found = [];
    private ArrayBufferWriter<byte> _out = new();
    private ArrayBufferWriter<byte> _in = new();

    /// <summary>False when there is nothing to hide.</summary>
    /// <param name="text">The text.</param>
    /// <param name="clean">The text without what was hidden; valid until the next call.</param>
    public bool TryClean(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> clean)
    {
        if (_out.Capacity > KeptBytes)
        {
            _out = new ArrayBufferWriter<byte>();
            _in = new ArrayBufferWriter<byte>();
        }

        clean = text;
        var changed = false;
        foreach (var finder in finders)
        {
            _found.Clear();
            finder.FindAll(clean, _found);
            if (_found.Count > 0)
            {
                // What was written last is read now, and the other buffer written.
                (_in, _out) = (_out, _in);
                Replace(clean);
                clean = _out.WrittenSpan;
                changed = true;
            }
        }

        return changed;
    }

    private void Replace(ReadOnlySpan<byte> text)
    {
        _out.ResetWrittenCount();
        var from = 0;
        foreach (var piece in _found)
        {
            _out.Write(text[from..piece.Start]);
            Hide(text.Slice(piece.Start, piece.Length));
            from = piece.Start + piece.Length;
        }

        _out.Write(text[from..]);
    }

    private void Hide(ReadOnlySpan<byte> secret)
    {
        if (_salt is null)
        {
            _out.Write(_with);
            return;
        }

        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_salt, secret, hash);
        var letters = _out.GetSpan(HashLetters);
        for (var i = 0; i < HashLetters; i++)
        {
            // Letters alone: digits might make a number with those beside them.
            letters[i] = (byte)('a' + (hash[i / 2] >> (i % 2 * 4) & 0xF));
        }

        _out.Advance(HashLetters);
    }
}

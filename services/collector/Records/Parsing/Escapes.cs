using System.Text;

namespace Tributary.Collector.Records.Parsing;

/// <summary>Undoes backslash escapes as JSON and logfmt have them. An escape that is none stays as it is written.</summary>
internal static class Escapes
{
    /// <summary>Writes at most as many bytes as there are; returns how many. Half a surrogate pair becomes U+FFFD.</summary>
    public static int Unescape(ReadOnlySpan<byte> text, Span<byte> target)
    {
        var written = 0;
        while (true)
        {
            var at = text.IndexOf((byte)'\\');
            if (at < 0 || at + 1 >= text.Length)
            {
                text.CopyTo(target[written..]);
                return written + text.Length;
            }

            text[..at].CopyTo(target[written..]);
            written += at;
            text = text[at..];
            var used = One(text, target[written..], out var length);
            written += length;
            text = text[used..];
        }
    }

    private static int One(ReadOnlySpan<byte> text, Span<byte> target, out int length)
    {
        length = 1;
        switch (text[1])
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
                target[0] = text[1];
                return 2;
            case (byte)'u' when TryUnit(text, out var unit):
                return Character(text, unit, target, out length);
            default:
                target[0] = (byte)'\\';
                return 1;
        }
    }

    private static int Character(ReadOnlySpan<byte> text, char unit, Span<byte> target, out int length)
    {
        if (char.IsHighSurrogate(unit) && TryUnit(text[6..], out var low) && Rune.TryCreate(unit, low, out var pair))
        {
            length = pair.EncodeToUtf8(target);
            return 12;
        }

        length = (Rune.TryCreate(unit, out var rune) ? rune : Rune.ReplacementChar).EncodeToUtf8(target);
        return 6;
    }

    private static bool TryUnit(ReadOnlySpan<byte> text, out char unit)
    {
        unit = '\0';
        return text.Length >= 6 && text[0] == '\\' && text[1] == 'u'
            && ushort.TryParse(text[2..6], System.Globalization.NumberStyles.AllowHexSpecifier, null, out var value)
            && (unit = (char)value) == value;
    }
}

using System.Text;

namespace Tributary.Config;

/// <summary>How a value appears in a message: masked, on one line, at most 80 characters.</summary>
internal static class Shown
{
    public const int LengthMax = 80;

    /// <summary>In quotes.</summary>
    public static string Quoted(string value) => "\"" + Plain(value) + "\"";

    public static string Plain(string value)
    {
        var masked = Secret.MaskUserInfo(value);
        return OneLine(masked.Length <= LengthMax ? masked : masked[..(LengthMax - 1)] + "…");
    }

    public static string OneLine(string text)
    {
        if (!text.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029'))
            return text;
        var line = new StringBuilder(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\n' => line.Append("\\n"),
                '\r' => line.Append("\\r"),
                '\t' => line.Append("\\t"),
                < ' ' or (>= 0x7F and < 0xA0) or 0x2028 or 0x2029 => line.Append($"\\x{rune.Value:x2}"),
                _ => line.Append(rune),
            };
        }
        return line.ToString();
    }

    /// <summary><c>a, b or c</c>.</summary>
    public static string Either(IReadOnlyList<string> words) =>
        words.Count == 1 ? words[0] : string.Join(", ", words.SkipLast(1)) + " or " + words[^1];
}

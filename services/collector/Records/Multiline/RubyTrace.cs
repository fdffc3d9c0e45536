namespace Tributary.Collector.Records.Multiline;

/// <summary>Shapes of lines in what Ruby and Rails print of an exception.</summary>
internal static class RubyTrace
{
    /// <summary><c>app/a.rb:5:in `foo'</c>, whole: a place and nothing after it.</summary>
    public static bool IsFrame(ReadOnlySpan<byte> text) =>
        HasPlace(text) && text[^1] == (byte)'\'' && text.IndexOf(": "u8) < 0;

    /// <summary><c>app/a.rb:5:in `foo': message (Class)</c>.</summary>
    public static bool IsHead(ReadOnlySpan<byte> text) => HasPlace(text) && text[0] is not ((byte)' ' or (byte)'\t') && text.IndexOf("': "u8) > 0;

    /// <summary>Whether there is a <c>:5:in </c> after something.</summary>
    public static bool HasPlace(ReadOnlySpan<byte> text)
    {
        var at = text.IndexOf(":in "u8);
        if (at <= 0)
        {
            return false;
        }

        var line = text[..at].LastIndexOf((byte)':');
        return line > 0 && line < at - 1 && text[(line + 1)..at].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
    }

    /// <summary><c>ActionView::Template::Error (message):</c>, as Rails logs it.</summary>
    public static bool IsRailsHead(ReadOnlySpan<byte> open)
    {
        var head = open.TrimEnd((byte)'\r');
        return head.EndsWith("):"u8) && head.IndexOf(" ("u8) > 0 && !head.Contains((byte)'\n');
    }

    /// <summary>A line of the template that Rails shows below the head.</summary>
    public static bool IsSnippet(ReadOnlySpan<byte> inner)
    {
        var digits = inner.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return digits > 0 && inner[digits] == (byte)':';
    }

    /// <summary>What follows below a Rails head: the template, a line of spaces, frames.</summary>
    public static bool IsRails(ReadOnlySpan<byte> text) => text is [(byte)' ' or (byte)'\t', ..] || (text.Length > 0 && IsFrame(text));
}

namespace Tributary.Collector.Records.Multiline;

/// <summary>Shapes of lines in what the JVM's languages print of an exception; frames of .NET have the same.</summary>
internal static class JavaTrace
{
    /// <summary><c>package.Type.method(…</c>: what follows <c>at </c>.</summary>
    public static bool IsCall(ReadOnlySpan<byte> call)
    {
        var bracket = call.IndexOf((byte)'(');
        return bracket > 0 && call[..bracket].IndexOfAny((byte)' ', (byte)'\t') < 0
            && call[..bracket].IndexOfAny((byte)'.', (byte)'$', (byte)'/') >= 0 && call[bracket..].Contains((byte)')');
    }

    /// <summary><c>... 12 more</c> and its kin, also <c>... suppressed 3 lines</c>.</summary>
    public static bool IsMore(ReadOnlySpan<byte> text)
    {
        var rest = text[4..];
        if (rest.StartsWith("suppressed "u8))
        {
            return true;
        }

        var digits = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return digits > 0 && (rest[digits..].StartsWith(" more"u8) || rest[digits..].StartsWith(" common frames"u8)
            || rest[digits..].StartsWith(" frames "u8) || rest[digits..].StartsWith(" filtered"u8));
    }

    /// <summary>Monitors in a thread dump.</summary>
    public static bool IsLock(ReadOnlySpan<byte> text) =>
        text.StartsWith("- locked "u8) || text.StartsWith("- waiting "u8) || text.StartsWith("- parking "u8) || text.StartsWith("- eliminated "u8);

    /// <summary>Whether the text's first line names an exception, as <c>some.FooException: message</c> does.</summary>
    public static bool IsException(ReadOnlySpan<byte> open)
    {
        var line = open.IndexOf((byte)'\n');
        var head = line < 0 ? open : open[..line];
        return Names(head, "Exception"u8) || Names(head, "Error"u8) || Names(head, "Throwable"u8);
    }

    private static bool Names(ReadOnlySpan<byte> head, ReadOnlySpan<byte> word)
    {
        for (var at = head.IndexOf(word); at >= 0; at = head.IndexOf(word))
        {
            var letterBefore = at > 0 && (char.IsAsciiLetterOrDigit((char)head[at - 1]) || head[at - 1] is (byte)'.' or (byte)'$' or (byte)'_');
            head = head[(at + word.Length)..];
            if (letterBefore && (head.IsEmpty || head[0] is (byte)':' or (byte)'\r'))
            {
                return true;
            }
        }

        return false;
    }
}

namespace Tributary.Collector.Records.Multiline;

/// <summary>
/// What CPython prints of an exception: header, indented frames, and the exception's own line, which belongs to it.
/// Exceptions that caused one another are one record. Ruby's reversed traces have the same header.
/// </summary>
internal static class PythonTrace
{
    private static ReadOnlySpan<byte> Header => "Traceback (most recent call last):"u8;

    public static bool IsHeader(ReadOnlySpan<byte> text) => text.StartsWith(Header);

    /// <summary>The first line of a SyntaxError that has no header.</summary>
    public static bool IsFile(ReadOnlySpan<byte> text) => text.StartsWith("  File \""u8) && text.IndexOf("\", line "u8) > 0;

    public static bool IsGroup(ReadOnlySpan<byte> text) => text.StartsWith("  + Exception Group Traceback"u8);

    public static LineVerdict Goes(ref int state, ReadOnlySpan<byte> text, bool ruby)
    {
        switch (state)
        {
            case TraceState.PythonHeader:
                return IsIndented(text) ? Next(ref state, TraceState.PythonFrames)
                    : IsError(text, strict: true) ? Next(ref state, TraceState.PythonDone)
                    : LineVerdict.Begins;
            case TraceState.PythonFrames:
                return IsIndented(text) ? LineVerdict.Continues
                    : ruby && RubyTrace.IsHead(text) ? Next(ref state, TraceState.Frames)
                    : IsError(text, strict: false) ? Next(ref state, TraceState.PythonDone)
                    : LineVerdict.Begins;
            case TraceState.PythonDone:
                return text.IsEmpty ? Next(ref state, TraceState.PythonGap, LineVerdict.Waits) : LineVerdict.Begins;
            case TraceState.PythonGap:
                return IsLink(text) ? Next(ref state, TraceState.PythonSaid) : LineVerdict.Begins;
            case TraceState.PythonSaid when text.IsEmpty:
                return Next(ref state, TraceState.PythonNext);
            case TraceState.PythonSaid or TraceState.PythonNext:
                return IsHeader(text) ? Next(ref state, TraceState.PythonHeader)
                    : IsGroup(text) ? Next(ref state, TraceState.PythonGroup)
                    : LineVerdict.Begins;
            default:
                return IsIndented(text) && text.TrimStart((byte)' ') is [(byte)'|' or (byte)'+', ..] ? LineVerdict.Continues : LineVerdict.Begins;
        }
    }

    private static bool IsIndented(ReadOnlySpan<byte> text) => text is [(byte)' ' or (byte)'\t', ..];

    private static bool IsLink(ReadOnlySpan<byte> text) =>
        text.StartsWith("During handling of the above exception, another exception occurred:"u8)
        || text.StartsWith("The above exception was the direct cause of the following exception:"u8);

    /// <summary>
    /// <c>package.Name: message</c>, or the name alone. A name has a lower-case letter, so that <c>INFO: started</c> is
    /// none; where no frame came before, it must end as exceptions' names do.
    /// </summary>
    private static bool IsError(ReadOnlySpan<byte> text, bool strict)
    {
        var end = text.IndexOf((byte)':');
        var name = end < 0 ? text : text[..end];
        var lower = false;
        foreach (var b in name)
        {
            lower |= b is >= (byte)'a' and <= (byte)'z' or >= 0x80;
            if (!(char.IsAsciiLetterOrDigit((char)b) || b is (byte)'_' or (byte)'.' or (byte)'<' or (byte)'>' or >= 0x80))
            {
                return false;
            }
        }

        return name.Length > 1 && lower && !char.IsAsciiDigit((char)name[0])
            && (!strict || name.EndsWith("Error"u8) || name.EndsWith("Exception"u8) || name.EndsWith("Interrupt"u8) || name.EndsWith("Exit"u8) || name.EndsWith("Warning"u8));
    }

    private static LineVerdict Next(ref int state, int next, LineVerdict verdict = LineVerdict.Continues)
    {
        state = next;
        return verdict;
    }
}

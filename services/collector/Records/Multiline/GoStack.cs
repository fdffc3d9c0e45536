namespace Tributary.Collector.Records.Multiline;

/// <summary>What Go's runtime prints of a panic: its message, a blank line, and the stacks of goroutines with blank lines between.</summary>
internal static class GoStack
{
    /// <summary><c>goroutine 12 [running]:</c>.</summary>
    public static bool IsGoroutine(ReadOnlySpan<byte> text) =>
        text.StartsWith("goroutine "u8) && text.EndsWith("]:"u8) && text.IndexOf(" ["u8) > 0;

    /// <summary>Whether the text is something after which the runtime dumps stacks.</summary>
    public static bool IsFatal(ReadOnlySpan<byte> open) =>
        open.IndexOf("panic: "u8) >= 0 || open.StartsWith("fatal error: "u8) || open.IndexOf(": panic serving "u8) >= 0
        || open.StartsWith("SIG"u8) || open.IndexOf("unexpected fault address"u8) >= 0 || open.IndexOf("goroutine stack exceeds"u8) >= 0;

    public static LineVerdict Goes(ref int state, ReadOnlySpan<byte> text)
    {
        switch (state)
        {
            case TraceState.GoPanic:
                if (IsGoroutine(text) || text.StartsWith("runtime stack:"u8))
                {
                    state = TraceState.GoStack;
                    return LineVerdict.Continues;
                }

                if (text.StartsWith("[signal "u8) || text.StartsWith("fatal error: "u8))
                {
                    state = TraceState.Plain;
                    return LineVerdict.Continues;
                }

                return LineVerdict.Begins;
            case TraceState.GoStack:
                if (text.IsEmpty)
                {
                    state = TraceState.GoGap;
                    return LineVerdict.Waits;
                }

                return text[0] is (byte)'\t' or (byte)' ' || IsCall(text) ? LineVerdict.Continues
                    : IsExit(text) ? LineVerdict.Ends
                    : LineVerdict.Begins;
            case TraceState.GoGap when IsGoroutine(text):
                state = TraceState.GoStack;
                return LineVerdict.Continues;
            default:
                if (IsExit(text))
                {
                    return LineVerdict.Ends;
                }

                if (IsRegister(text))
                {
                    state = TraceState.GoRegisters;
                    return LineVerdict.Continues;
                }

                return LineVerdict.Begins;
        }
    }

    private static bool IsCall(ReadOnlySpan<byte> text)
    {
        var bracket = text.IndexOf((byte)'(');
        return (bracket > 0 && text[^1] == (byte)')' && !text[..bracket].Contains((byte)' '))
            || text.StartsWith("created by "u8) || text.StartsWith("..."u8);
    }

    private static bool IsExit(ReadOnlySpan<byte> text) => text.StartsWith("exit status "u8);

    /// <summary><c>rax    0x0</c>.</summary>
    private static bool IsRegister(ReadOnlySpan<byte> text)
    {
        var space = text.IndexOf((byte)' ');
        return space is >= 2 and <= 6 && text[space..].TrimStart((byte)' ').StartsWith("0x"u8) && text[..space].IndexOfAnyExceptInRange((byte)'0', (byte)'z') < 0;
    }
}

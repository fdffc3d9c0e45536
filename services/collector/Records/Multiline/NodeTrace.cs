namespace Tributary.Collector.Records.Multiline;

/// <summary>
/// What Node prints of an error: for an uncaught one first the place, the source line and a caret; then the error with
/// its frames, its own fields in braces, and the version.
/// </summary>
internal static class NodeTrace
{
    /// <summary><c>/app/index.js:3</c>, and nothing else in the line.</summary>
    public static bool IsSourcePlace(ReadOnlySpan<byte> text)
    {
        if (text[^1] is < (byte)'0' or > (byte)'9' || text.Contains((byte)' '))
        {
            return false;
        }

        var path = text[..Math.Max(0, text.LastIndexOf((byte)':'))];
        return path.StartsWith("node:"u8) || path.EndsWith(".js"u8) || path.EndsWith(".mjs"u8) || path.EndsWith(".cjs"u8)
            || path.EndsWith(".ts"u8) || path.EndsWith(".tsx"u8) || path.EndsWith(".jsx"u8);
    }

    /// <summary>What follows <c>at </c>: <c>name (place)</c> or a place.</summary>
    public static bool IsCall(ReadOnlySpan<byte> call)
    {
        call = call.TrimEnd(" {"u8);
        if (call.IsEmpty)
        {
            return false;
        }

        if (call[^1] != (byte)')')
        {
            return EndsInPlace(call) || call.EndsWith("<anonymous>"u8);
        }

        var inner = call[(call.LastIndexOf((byte)'(') + 1)..^1];
        return call.IndexOf(" ("u8) > 0
            && (EndsInPlace(inner) || inner.SequenceEqual("<anonymous>"u8) || inner.SequenceEqual("native"u8) || inner.StartsWith("index "u8));
    }

    public static LineVerdict Goes(ref int state, ReadOnlySpan<byte> text)
    {
        switch (state)
        {
            case TraceState.NodeSource when !text.IsEmpty:
                state = TraceState.NodeCaret;
                return LineVerdict.Continues;
            case TraceState.NodeCaret when text.TrimStart(" \t"u8) is [(byte)'^', ..]:
                state = TraceState.NodeError;
                return LineVerdict.Continues;
            case TraceState.NodeError:
                // A blank line, then the error itself, whatever was thrown.
                state = text.IsEmpty ? TraceState.NodeError : TraceState.Frames;
                return LineVerdict.Continues;
            case TraceState.NodeObject when text is [(byte)' ' or (byte)'\t', ..]:
                return LineVerdict.Continues;
            case TraceState.NodeObject when text is [(byte)'}']:
                state = TraceState.Frames;
                return LineVerdict.Continues;
            case TraceState.NodeGap when text.StartsWith("Node.js v"u8):
                return LineVerdict.Ends;
            default:
                return LineVerdict.Begins;
        }
    }

    /// <summary><c>…:12:5</c>.</summary>
    private static bool EndsInPlace(ReadOnlySpan<byte> text)
    {
        var column = text.LastIndexOf((byte)':');
        var line = column < 0 ? -1 : text[..column].LastIndexOf((byte)':');
        return line > 0 && IsNumber(text[(line + 1)..column]) && IsNumber(text[(column + 1)..]);
    }

    private static bool IsNumber(ReadOnlySpan<byte> text) => !text.IsEmpty && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
}

using Tributary.Config;

namespace Tributary.Collector.Records.Multiline;

/// <summary>
/// Groups what runtimes print of errors, by the shape of each line alone: a stack frame goes on with whatever line stands
/// before it, so the head of a trace needs no name that is known. An indented line that is no frame is a line like any
/// other. Matches bytes, allocates nothing; most lines are decided by their first byte.
/// </summary>
internal sealed class TraceGrouping(MultilinePreset languages) : LineGrouping
{
    private readonly bool _java = languages.HasFlag(MultilinePreset.Java);
    private readonly bool _python = languages.HasFlag(MultilinePreset.Python);
    private readonly bool _go = languages.HasFlag(MultilinePreset.Go);
    private readonly bool _dotnet = languages.HasFlag(MultilinePreset.Dotnet);
    private readonly bool _ruby = languages.HasFlag(MultilinePreset.Ruby);
    private readonly bool _node = languages.HasFlag(MultilinePreset.Node);

    public override LineVerdict Judge(bool goesOn, ref int state, ReadOnlySpan<byte> open, ReadOnlySpan<byte> line)
    {
        var text = WithoutReturn(line);
        if (goesOn)
        {
            var verdict = Goes(ref state, open, text);
            if (verdict != LineVerdict.Begins)
            {
                return verdict;
            }
        }

        state = Begin(text);
        return LineVerdict.Begins;
    }

    /// <summary>The state of a record that begins with the line.</summary>
    private int Begin(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return TraceState.Plain;
        }

        switch (text[0])
        {
            case (byte)'T' when _python || _ruby:
                return PythonTrace.IsHeader(text) ? TraceState.PythonHeader : TraceState.Plain;
            case (byte)' ' when _python:
                return PythonTrace.IsFile(text) ? TraceState.PythonFrames : PythonTrace.IsGroup(text) ? TraceState.PythonGroup : TraceState.Plain;
            case (byte)'g' when _go:
                return GoStack.IsGoroutine(text) ? TraceState.GoStack : TraceState.Plain;
            case (byte)'/' or (byte)'f' or (byte)'n' when _node:
                return NodeTrace.IsSourcePlace(text) ? TraceState.NodeSource : TraceState.Plain;
            default:
                return TraceState.Plain;
        }
    }

    private LineVerdict Goes(ref int state, ReadOnlySpan<byte> open, ReadOnlySpan<byte> text) => state switch
    {
        >= TraceState.PythonHeader and <= TraceState.PythonGroup => PythonTrace.Goes(ref state, text, _ruby),
        >= TraceState.GoPanic and <= TraceState.GoRegisters => GoStack.Goes(ref state, text),
        >= TraceState.NodeSource and <= TraceState.NodeGap => NodeTrace.Goes(ref state, text),
        TraceState.DotnetLog => DotnetTrace.IsLogBody(text) ? LineVerdict.Continues : LineVerdict.Begins,
        TraceState.DotnetGap => DotnetTrace.IsInner(text) ? Frames(ref state) : LineVerdict.Begins,
        TraceState.RailsError when RubyTrace.IsRails(text) => LineVerdict.Continues,
        _ => Any(ref state, open, text),
    };

    /// <summary>After a line that may be anything's head, or after frames.</summary>
    private LineVerdict Any(ref int state, ReadOnlySpan<byte> open, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return Blank(ref state, open);
        }

        if (_ruby && text[^1] is (byte)'\'' or (byte)'`' && RubyTrace.IsFrame(text))
        {
            return Frames(ref state);
        }

        switch (text[0])
        {
            case (byte)' ' or (byte)'\t':
                return Indented(ref state, open, text);
            case (byte)'C' when (_java || _node) && text.StartsWith("Caused by: "u8):
            case (byte)'c' when _node && text.StartsWith("caused by: "u8):
            case (byte)'W' when _java && text.StartsWith("Wrapped by: "u8):
            case (byte)'n' when _java && text.StartsWith("nested exception is:"u8):
            case (byte)'-' when _dotnet && (DotnetTrace.IsInner(text) || (state == TraceState.Frames && DotnetTrace.IsEndOf(text))):
            case (byte)'(' when _node && state == TraceState.Frames && text.StartsWith("(Use `node "u8):
                return Frames(ref state);
            case (byte)'g' when _go && GoStack.IsGoroutine(text) && GoStack.IsFatal(open):
                state = TraceState.GoStack;
                return LineVerdict.Continues;
            case (byte)'[' when _go && text.StartsWith("[signal "u8) && GoStack.IsFatal(open):
            case (byte)'P' when _go && text.StartsWith("PC="u8) && open.StartsWith("SIG"u8):
                return LineVerdict.Continues;
            default:
                return LineVerdict.Begins;
        }
    }

    private LineVerdict Blank(ref int state, ReadOnlySpan<byte> open)
    {
        if (_go && state == TraceState.Plain && GoStack.IsFatal(open))
        {
            state = TraceState.GoPanic;
            return LineVerdict.Waits;
        }

        if (_dotnet && state == TraceState.Frames && open.TrimEnd((byte)'\r').EndsWith("<---"u8))
        {
            state = TraceState.DotnetGap;
            return LineVerdict.Waits;
        }

        if (_java && state == TraceState.Plain && JavaTrace.IsException(open))
        {
            // A message that ends in a newline: the frames come after it.
            return LineVerdict.Waits;
        }

        if (_node && state == TraceState.Frames)
        {
            state = TraceState.NodeGap;
            return LineVerdict.Waits;
        }

        return LineVerdict.Begins;
    }

    private LineVerdict Indented(ref int state, ReadOnlySpan<byte> open, ReadOnlySpan<byte> text)
    {
        var inner = text.TrimStart(" \t"u8);
        var framed = state == TraceState.Frames;
        if (inner.IsEmpty)
        {
            return _ruby && state == TraceState.Plain && RubyTrace.IsRailsHead(open) ? Rails(ref state) : LineVerdict.Begins;
        }

        switch (inner[0])
        {
            case (byte)'a' when (_java || _dotnet || _node) && inner.StartsWith("at "u8) && (framed || IsFrame(inner[3..])):
                // What Node prints of an error's own fields opens at the end of a frame.
                state = _node && inner[^1] == (byte)'{' ? TraceState.NodeObject : TraceState.Frames;
                return LineVerdict.Continues;
            case (byte)'.' when inner.StartsWith("... "u8) && ((framed && (_java || _ruby)) || (_java && JavaTrace.IsMore(inner))):
            case (byte)'C' when _java && inner.StartsWith("Caused by: "u8):
            case (byte)'S' when _java && inner.StartsWith("Suppressed: "u8):
            case (byte)'n' when _java && inner.StartsWith("nested exception is:"u8):
            case (byte)'[' when _java && framed && inner.StartsWith("[CIRCULAR REFERENCE"u8):
            case (byte)'j' when _java && inner.StartsWith("java.lang.Thread.State: "u8) && open is [(byte)'"', ..]:
            case (byte)'-' when _dotnet && (DotnetTrace.IsInner(inner) || (framed && DotnetTrace.IsEndOf(inner))):
            case (byte)'-' when _java && framed && JavaTrace.IsLock(inner):
            case (byte)'f' when _ruby && inner.StartsWith("from "u8) && RubyTrace.HasPlace(inner):
                return Frames(ref state);
            case (byte)'p' when _go && state == TraceState.Plain && inner.StartsWith("panic: "u8) && GoStack.IsFatal(open):
                return LineVerdict.Continues;
        }

        if (_dotnet && state == TraceState.Plain && DotnetTrace.IsLogBody(text) && DotnetTrace.IsLogHead(open))
        {
            state = TraceState.DotnetLog;
            return LineVerdict.Continues;
        }

        if (_java && open.TrimEnd(" \r"u8).EndsWith("nested exception is:"u8))
        {
            return Frames(ref state);
        }

        return _ruby && state == TraceState.Plain && RubyTrace.IsSnippet(inner) && RubyTrace.IsRailsHead(open) ? Rails(ref state) : LineVerdict.Begins;
    }

    private bool IsFrame(ReadOnlySpan<byte> call) =>
        ((_java || _dotnet) && JavaTrace.IsCall(call)) || (_node && NodeTrace.IsCall(call));

    private static LineVerdict Rails(ref int state)
    {
        state = TraceState.RailsError;
        return LineVerdict.Continues;
    }

    private static LineVerdict Frames(ref int state)
    {
        state = TraceState.Frames;
        return LineVerdict.Continues;
    }
}

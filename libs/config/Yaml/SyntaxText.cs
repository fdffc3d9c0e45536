namespace Tributary.Config;

/// <summary>Says a parser's complaint in one line, and the commonest cause, a tab, by its name and place.</summary>
internal static class SyntaxText
{
    public static (Place Place, string Message) Explain(string text, Place start, Place end, string message)
    {
        // A complaint about a tab names where the mapping began, not where the tab is.
        var last = message.Contains("tab", StringComparison.Ordinal) ? long.MaxValue : Math.Max(start.Line, end.Line);
        var tab = FirstTabIndent(text, start.Line, last);
        return tab.Line > 0
            ? (tab, "YAML syntax: a tab in the indentation; indent with spaces")
            : (start, "YAML syntax: " + Shown.OneLine(message.TrimEnd('.')));
    }

    private static Place FirstTabIndent(string text, long from, long to)
    {
        var at = 0;
        for (var line = 1L; line <= to; line++)
        {
            var indent = text.AsSpan(at);
            indent = indent[..(indent.IndexOfAnyExcept(' ') is var end && end < 0 ? indent.Length : end)];
            if (line >= from && text.AsSpan(at + indent.Length).StartsWith("\t"))
                return new(line, indent.Length + 1);
            at = text.IndexOf('\n', at) + 1;
            if (at == 0)
                break;
        }
        return default;
    }
}

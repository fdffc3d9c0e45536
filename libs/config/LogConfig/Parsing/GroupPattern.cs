using System.Text.RegularExpressions;

namespace Tributary.Config;

/// <summary>A pattern with named groups, each of which is a field.</summary>
internal static class GroupPattern
{
    private const int LengthMax = 4096;

    /// <summary>Beside the bound that linear time is by itself: many lines are waiting.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private static readonly TextRule Rule = new(
        "regular expression",
        $"a regular expression of at most {LengthMax} characters with named groups (?<name>…), without lookaround and back-references",
        Problem);

    /// <summary>Null where none is written, or a wrong one.</summary>
    public static Regex? Read(MappingReader reader, string name, string meaning)
    {
        var text = reader.Text(name, "", Rule, meaning, "none");
        return text.Length > 0 && Problem(text) is null ? Build(text) : null;
    }

    private static string? Problem(string text)
    {
        if (text.Length is 0 or > LengthMax)
            return "";
        if (LinearPattern.ProblemOfAnyLength(Translate(text)) is { } problem)
            return problem;
        return Build(text).GetGroupNames().All(group => char.IsAsciiDigit(group[0])) ? "it has no named group" : null;
    }

    private static Regex Build(string text) => new(Translate(text), LinearPattern.Options, Timeout);

    /// <summary><c>(?P&lt;name&gt;…)</c>, as Go and Python write it, is <c>(?&lt;name&gt;…)</c> here.</summary>
    private static string Translate(string text)
    {
        for (var at = text.IndexOf("(?P<", StringComparison.Ordinal); at >= 0; at = text.IndexOf("(?P<", at + 1, StringComparison.Ordinal))
        {
            var escapes = 0;
            while (at - escapes > 0 && text[at - escapes - 1] == '\\')
                escapes++;
            if (escapes % 2 == 0)
                text = text.Remove(at + 2, 1);
        }
        return text;
    }
}

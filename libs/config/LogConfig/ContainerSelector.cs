using System.Text.RegularExpressions;

namespace Tributary.Config;

/// <summary>Chooses containers: those that meet every condition that is written; without any, all of them.</summary>
public sealed record ContainerSelector
{
    private const int PatternLengthMax = 1000;

    private static readonly TextRule Pattern = new(
        "regular expression",
        $"a regular expression of at most {PatternLengthMax} characters, without lookaround and back-references",
        Check);

    private static readonly SortedDictionary<string, string> NoLabels = [];

    /// <summary>Matches the container's whole name (without a leading slash), in linear time; null for any.</summary>
    public Regex? Container { get; init; }

    /// <summary>Labels that the container must have; an empty value asks only that the key is there.</summary>
    public IReadOnlyDictionary<string, string> ContainerLabels { get; init; } = NoLabels;

    /// <summary>The namespace that owns the container; empty for any.</summary>
    public string Namespace { get; init; } = "";

    internal static ContainerSelector Read(MappingReader selector)
    {
        selector.Refuse("podLabels", "labels of pods come in a later version; expected container, containerLabels or namespace");
        var pattern = selector.Text("container", "", Pattern, "Matches the container's whole name, without a leading slash.", "any name");
        return new()
        {
            Container = pattern.Length > 0 && Check(pattern) is null ? Anchored(pattern) : null,
            ContainerLabels = selector.TextMap("containerLabels", "Labels that the container has; an empty value asks only that the label is there."),
            Namespace = selector.Text("namespace", "", Names.Label, "The namespace that owns the container.", "any namespace"),
        };
    }

    private static Regex Anchored(string pattern) =>
        new($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private static string? Check(string pattern)
    {
        if (pattern.Length is 0 or > PatternLengthMax)
            return "";
        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            _ = Anchored(pattern);
            return null;
        }
        catch (RegexParseException e)
        {
            return $"{Words(e.Error.ToString())} at offset {e.Offset}";
        }
        catch (NotSupportedException)
        {
            return "it cannot be matched in linear time";
        }
    }

    /// <summary>The parser's own sentence repeats the pattern, which may hold what the environment put in.</summary>
    private static string Words(string pascalCase) =>
        string.Concat(pascalCase.Select((c, i) => char.IsAsciiLetterUpper(c) ? (i > 0 ? " " : "") + char.ToLowerInvariant(c) : c.ToString()));
}

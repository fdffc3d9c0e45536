using System.Text.RegularExpressions;

namespace Tributary.Config;

/// <summary>Regular expressions whose matching time grows with the text's length and no faster: nothing else is accepted anywhere.</summary>
internal static class LinearPattern
{
    public const int LengthMax = 1000;

    public const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    /// <summary>Such an expression, found anywhere in the text unless it says <c>^</c> or <c>$</c>.</summary>
    public static readonly TextRule Rule = new(
        "regular expression",
        $"a regular expression of at most {LengthMax} characters, without lookaround and back-references",
        Problem);

    /// <summary>States of the automaton; an access log's pattern has 100 to 300.</summary>
    private const int StatesMax = 2000;

    // The engine asks for its bound in this way alone; without it (x{999}){999} takes all memory.
    static LinearPattern() => AppContext.SetData("REGEX_NONBACKTRACKING_MAX_AUTOMATA_SIZE", StatesMax);

    /// <summary>Null when it can be used, else why not; never repeats the pattern, which may hold what the environment put in.</summary>
    public static string? Problem(string pattern) => pattern.Length is 0 or > LengthMax ? "" : ProblemOfAnyLength(pattern);

    /// <inheritdoc cref="Problem"/>
    public static string? ProblemOfAnyLength(string pattern)
    {
        try
        {
            _ = new Regex(pattern, Options);
            return null;
        }
        catch (RegexParseException e)
        {
            return $"{Words(e.Error.ToString())} at offset {e.Offset}";
        }
        catch (NotSupportedException e) when (!e.Message.Contains("expressions containing", StringComparison.Ordinal))
        {
            return "its automaton would be too large; write smaller counts {n,m}";
        }
        catch (NotSupportedException)
        {
            return "it cannot be matched in linear time";
        }
    }

    private static string Words(string pascalCase) =>
        string.Concat(pascalCase.Select((c, i) => char.IsAsciiLetterUpper(c) ? (i > 0 ? " " : "") + char.ToLowerInvariant(c) : c.ToString()));
}

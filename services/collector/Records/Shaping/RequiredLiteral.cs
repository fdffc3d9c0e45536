using System.Buffers;
using System.Text;

namespace Tributary.Collector.Records.Shaping;

/// <summary>
/// Finds a text that every match of a regular expression has in it, so that most records are told apart by a search for
/// bytes, before any expression runs. In doubt there is none. Only what surely must be matched counts: no alternatives,
/// no groups, no options, nothing that may be left out.
/// </summary>
internal static class RequiredLiteral
{
    private static readonly SearchValues<char> CountCharacters = SearchValues.Create("0123456789,");

    /// <param name="pattern">A valid expression.</param>
    /// <param name="isWhole">Whether the expression is nothing but this text.</param>
    /// <returns>Null where none of at least two characters is sure, save for a whole one.</returns>
    public static byte[]? Of(string pattern, out bool isWhole)
    {
        isWhole = false;
        var best = "";
        var run = new StringBuilder();
        var onlyText = true;
        for (var i = 0; i < pattern.Length;)
        {
            if (pattern[i] == '|' || (pattern[i] == '(' && !SkipGroup(pattern, i, out _)))
            {
                // An alternative, or an option such as (?i): nothing is sure.
                return null;
            }

            if (pattern[i] == '(')
            {
                SkipGroup(pattern, i, out i);
                Quantifier(pattern, ref i);
                best = Longer(best, run);
                onlyText = false;
                continue;
            }

            var literal = Literal(pattern, ref i);
            var quantifier = Quantifier(pattern, ref i);
            onlyText &= literal is not null && quantifier is null;
            if (literal is not null && quantifier is null)
            {
                run.Append(literal);
                continue;
            }

            if (literal is not null && quantifier == '+')
            {
                run.Append(literal);
            }

            best = Longer(best, run);
        }

        best = Longer(best, run);
        isWhole = onlyText && best.Length > 0;
        return best.Length >= 2 || isWhole ? Encoding.ASCII.GetBytes(best) : null;
    }

    private static string Longer(string best, StringBuilder run)
    {
        var longest = run.Length > best.Length ? run.ToString() : best;
        run.Clear();
        return longest;
    }

    /// <summary>Moves over one element that is not a group; what it stands for when it is one ASCII character, else null.</summary>
    private static char? Literal(string pattern, ref int i)
    {
        var c = pattern[i++];
        switch (c)
        {
            case '\\':
                var escaped = i < pattern.Length ? pattern[i++] : '\\';
                SkipArgument(pattern, escaped, ref i);
                return char.IsAsciiLetterOrDigit(escaped) || !char.IsAscii(escaped) || escaped == '_' ? null : escaped;
            case '[':
                SkipClass(pattern, ref i);
                return null;
            case '.' or '^' or '$':
                return null;
            default:
                return char.IsAscii(c) ? c : null;
        }
    }

    /// <summary><c>\p{…}</c>, <c>\cX</c>, <c>\xHH</c>, <c>\uHHHH</c>: their arguments are no text of their own.</summary>
    private static void SkipArgument(string pattern, char escaped, ref int i)
    {
        if (escaped is 'p' or 'P' && i < pattern.Length && pattern[i] == '{')
        {
            i = Math.Max(pattern.IndexOf('}', i) + 1, i);
            return;
        }

        var length = escaped switch { 'c' => 1, 'x' => 2, 'u' => 4, _ => 0 };
        i = Math.Min(i + length, pattern.Length);
        while (char.IsAsciiDigit(escaped) && i < pattern.Length && char.IsAsciiDigit(pattern[i]))
        {
            i++;
        }
    }

    private static void SkipClass(string pattern, ref int i)
    {
        i += i < pattern.Length && pattern[i] == '^' ? 1 : 0;
        for (var first = true; i < pattern.Length && (first || pattern[i] != ']'); i++, first = false)
        {
            if (pattern[i] == '\\')
            {
                i++;
            }
            else if (pattern[i] == '-' && i + 1 < pattern.Length && pattern[i + 1] == '[')
            {
                i += 2;
                SkipClass(pattern, ref i);
                i--;
            }
        }

        i = Math.Min(i + 1, pattern.Length);
    }

    /// <summary>False for a group that changes how the rest is read.</summary>
    private static bool SkipGroup(string pattern, int from, out int end)
    {
        var depth = 0;
        for (end = from; end < pattern.Length;)
        {
            switch (pattern[end++])
            {
                case '\\':
                    end++;
                    break;
                case '[':
                    SkipClass(pattern, ref end);
                    break;
                case '(':
                    depth++;
                    if (end + 1 < pattern.Length && pattern[end] == '?' && pattern[end + 1] is not (':' or '<' or '\''))
                    {
                        return false;
                    }

                    break;
                case ')' when --depth == 0:
                    return true;
            }
        }

        return false;
    }

    /// <summary>Moves over a quantifier: <c>+</c> for one that asks for one at least, <c>?</c> for any other, null without.</summary>
    private static char? Quantifier(string pattern, ref int i)
    {
        var length = i >= pattern.Length ? 0 : pattern[i] switch { '*' or '+' or '?' => 1, '{' => CountLength(pattern.AsSpan(i)), _ => 0 };
        if (length == 0)
        {
            return null;
        }

        var kind = pattern[i] == '+' ? '+' : '?';
        i += length;
        i += i < pattern.Length && pattern[i] == '?' ? 1 : 0;
        return kind;
    }

    /// <summary>The length of <c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c>; 0 where the brace stands for itself.</summary>
    private static int CountLength(ReadOnlySpan<char> text)
    {
        var end = text.IndexOf('}');
        return end > 1 && char.IsAsciiDigit(text[1]) && !text[1..end].ContainsAnyExcept(CountCharacters) ? end + 1 : 0;
    }
}

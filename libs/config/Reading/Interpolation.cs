using System.Text;

namespace Tributary.Config;

/// <summary>
/// <c>${NAME}</c> and <c>${NAME:-default}</c> (also where NAME is empty) in a scalar, <c>$${</c> for a literal
/// <c>${</c>. What is put in is never looked at again, and all of a file's together are at most 1 MiB.
/// </summary>
internal sealed class Interpolation(Func<string, string?> environment)
{
    public const int CharactersMax = 1 << 20;

    private int characters;

    /// <summary>The text with everything put in; or null and what is wrong.</summary>
    public string? Expand(string text, out string problem)
    {
        problem = "";
        var mark = text.IndexOf("${", StringComparison.Ordinal);
        if (mark < 0)
            return text;
        var result = new StringBuilder();
        var from = 0;
        for (; mark >= 0; mark = text.IndexOf("${", from, StringComparison.Ordinal))
        {
            if (mark > from && text[mark - 1] == '$')
            {
                result.Append(text, from, mark - from).Append('{');
                from = mark + 2;
                continue;
            }
            var end = text.IndexOf('}', mark);
            if (end < 0)
                return Fail("has \"${\" without \"}\"; write $${ for a literal ${", out problem);
            if (Lookup(text[(mark + 2)..end], ref problem) is not { } value)
                return null;
            characters += value.Length;
            if (characters > CharactersMax)
                return Fail("puts more than 1MiB of environment into this file", out problem);
            result.Append(text, from, mark - from).Append(value);
            from = end + 1;
        }
        return result.Append(text, from, text.Length - from).ToString();
    }

    private string? Lookup(string inside, ref string problem)
    {
        var split = inside.IndexOf(":-", StringComparison.Ordinal);
        var name = split < 0 ? inside : inside[..split];
        if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            return Fail("has a \"${\" that does not begin ${NAME} or ${NAME:-default}; write $${ for a literal ${", out problem);
        var value = environment(name);
        if (split >= 0)
            return string.IsNullOrEmpty(value) ? inside[(split + 2)..] : value;
        return value ?? Fail($"environment variable {Shown.Plain(name)} is not set; set it or write ${{{Shown.Plain(name)}:-default}}", out problem);
    }

    private static string? Fail(string message, out string problem)
    {
        problem = message;
        return null;
    }
}

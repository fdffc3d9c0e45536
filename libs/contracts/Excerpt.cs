namespace Tributary.Contracts;

/// <summary>Untrusted text as it may stand in an error or a log line: at most 100 characters, control characters as U+FFFD.</summary>
public static class Excerpt
{
    public const int CharactersMax = 100;

    public static string Of(string? text) => Of(text, CharactersMax);

    public static string Of(string? text, int charactersMax)
    {
        text ??= "";
        var shown = string.Create(Math.Min(text.Length, charactersMax), text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? '\uFFFD' : source[i];
            }
        });
        return text.Length > charactersMax ? shown + "…" : shown;
    }
}

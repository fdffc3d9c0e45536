namespace Tributary.Config;

/// <summary>The forms of names: Kubernetes' where the document will be a Kubernetes resource.</summary>
internal static class Names
{
    /// <summary>A DNS label: namespaces, outputs.</summary>
    public static readonly TextRule Label = TextRule.Of(
        "name",
        "1 to 63 lower-case letters, digits or \"-\", the first and the last a letter or a digit",
        text => text.Length <= 63 && IsLowerName(text, allowDot: false));

    /// <summary>A DNS subdomain: names of resources.</summary>
    public static readonly TextRule Subdomain = TextRule.Of(
        "name",
        "1 to 253 lower-case letters, digits, \"-\" or \".\", the first and the last a letter or a digit",
        text => text.Length <= 253 && IsLowerName(text, allowDot: true));

    public const int TargetLengthMax = 100;

    /// <summary>A target: routing key, part of queue names, name of a folder.</summary>
    public static readonly TextRule Target = TextRule.Of(
        "name",
        "1 to 100 letters, digits, \".\", \"_\" or \"-\", the first a letter or a digit",
        text => text.Length is > 0 and <= TargetLengthMax && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'));

    public static readonly TextRule DeclarationPrefix = TextRule.Of(
        "prefix",
        "1 to 63 letters, digits, \".\", \"_\" or \"-\", the first a letter",
        text => text.Length is > 0 and <= 63 && char.IsAsciiLetter(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'));

    public static bool IsLowerName(string text, bool allowDot) =>
        text.Length > 0 && IsLowerOrDigit(text[0]) && IsLowerOrDigit(text[^1])
        && text.All(c => IsLowerOrDigit(c) || c == '-' || (c == '.' && allowDot))
        && !text.Contains("..");

    private static bool IsLowerOrDigit(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
}

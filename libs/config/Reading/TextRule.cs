namespace Tributary.Config;

/// <summary>
/// What a text field accepts. <paramref name="Check"/> returns null when the text is right, else why not ("" where
/// <paramref name="Expected"/> says it all).
/// </summary>
internal sealed record TextRule(string Type, string Expected, Func<string, string?> Check)
{
    /// <summary>The field may hold a password: its value is printed masked.</summary>
    public bool IsSecret { get; init; }

    public static readonly TextRule Any = new("text", "text", _ => null);

    /// <summary>Text of limited length out of few characters; the rule in words is <paramref name="expected"/>.</summary>
    public static TextRule Of(string type, string expected, Func<string, bool> isRight) =>
        new(type, expected, text => isRight(text) ? null : "");
}

namespace Tributary.Config;

/// <summary>
/// A document as written: nothing resolved, nothing typed, duplicates kept, each part with its place. YamlDotNet's own
/// node tree throws at the first duplicate key and follows aliases, so it cannot list every error within a bound.
/// </summary>
internal abstract record YamlNode(Place Place);

/// <param name="Place">Where it starts.</param>
/// <param name="Value">The text without quotes and escapes.</param>
/// <param name="IsPlain">Written without quotes: only then may it mean null, a number or a boolean.</param>
internal sealed record YamlScalar(Place Place, string Value, bool IsPlain) : YamlNode(Place)
{
    public bool IsNull => IsPlain && Value is ("" or "~" or "null" or "Null" or "NULL");
}

internal sealed record YamlList(Place Place, IReadOnlyList<YamlNode> Items) : YamlNode(Place);

internal sealed record YamlMap(Place Place, IReadOnlyList<YamlEntry> Entries) : YamlNode(Place)
{
    public static YamlMap EmptyAt(Place place) => new(place, []);
}

internal readonly record struct YamlEntry(Place Place, string Name, YamlNode Value);

/// <summary>Something YAML has and a configuration may not (an alias, a tag): whoever reads it reports <paramref name="Reason"/>.</summary>
internal sealed record YamlRefused(Place Place, string Value, string Reason) : YamlNode(Place);

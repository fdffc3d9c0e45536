namespace Tributary.Config;

/// <summary>One rule of a LogConfig's <c>shape</c>: exactly one of its actions is there.</summary>
public sealed record ShapeRule
{
    private const int TagsMax = 32;

    private const int TagLengthMax = 1024;

    private static readonly string[] Actions = ["drop", "keep", "rename", "remove", "redact", "sample", "tags"];

    private static readonly TextRule NameRule = TextRule.Of(
        "name",
        "1 to 63 letters, digits, \".\", \"_\" or \"-\", the first a letter or a digit",
        text => text.Length is > 0 and <= 63 && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'));

    /// <summary>Names the rule in counters, unique in its config; the action and its place in the list where none was given.</summary>
    public required string Name { get; init; }

    /// <summary>The records that the rule is for: those that meet all of these.</summary>
    public IReadOnlyList<ShapeCondition> When { get; init; } = [];

    /// <summary>Drops the records that meet all of these.</summary>
    public IReadOnlyList<ShapeCondition>? Drop { get; init; }

    /// <summary>Drops the records that do not meet all of these.</summary>
    public IReadOnlyList<ShapeCondition>? Keep { get; init; }

    public RenameRule? Rename { get; init; }

    /// <summary>Names of fields to remove, with <c>*</c> and <c>?</c>.</summary>
    public IReadOnlyList<string>? Remove { get; init; }

    public RedactRule? Redact { get; init; }

    public SampleRule? Sample { get; init; }

    /// <summary>Fields to set, in the names' order.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Reads the list; gives the rules without a name one, and refuses a name that comes twice.</summary>
    internal static IReadOnlyList<ShapeRule> ReadAll(MappingReader spec)
    {
        var number = 0;
        var names = new HashSet<string>(StringComparer.Ordinal);
        return spec.OptionalObjectList("shape", rule => Read(rule, ++number, names), "What is done to each record, one rule after another.") ?? [];
    }

    private static ShapeRule Read(MappingReader rule, int number, HashSet<string> names)
    {
        var written = Actions.Where(rule.Has).ToList();
        if (written.Count != 1)
            rule.Fail("", $"has {(written.Count == 0 ? "no action" : string.Join(" and ", written))}; expected exactly one of {Shown.Either(Actions)}");
        var name = rule.OptionalText("name", NameRule, "Names the rule in counters, as `rule:<name>`; the action and its place in the list where it has none.")
            ?? $"{written.FirstOrDefault("rule")}-{number}";
        if (name.Length > 0 && !names.Add(name))
            rule.Fail("name", $"{Shown.Quoted(name)} is the name of another rule of this list; expected one of its own");
        var read = new ShapeRule
        {
            Name = name,
            When = rule.OptionalObjectList("when", ShapeCondition.Read, "The records it is for: those that meet all of these; not with drop and keep.") ?? [],
            Drop = rule.OptionalObjectList("drop", ShapeCondition.Read, "Drops the records that meet all of these conditions."),
            Keep = rule.OptionalObjectList("keep", ShapeCondition.Read, "Drops the records that do not meet all of these conditions."),
            Rename = rule.OptionalObject("rename", RenameRule.Read, "Gives a field another name."),
            Remove = rule.Has("remove") ? FieldNames(rule) : DescribeFieldNames(rule),
            Redact = rule.OptionalObject("redact", RedactRule.Read, "Hides parts of texts."),
            Sample = rule.OptionalObject("sample", SampleRule.Read, "Keeps a share of the records."),
            Tags = rule.Has("tags") ? TagsRead(rule) : DescribeTags(rule),
        };
        if (read.When.Count > 0 && (read.Drop ?? read.Keep) is not null)
            rule.Fail("when", "stands beside conditions already; put all of them below drop or keep");
        return read;
    }

    private static IReadOnlyList<string>? DescribeFieldNames(MappingReader rule)
    {
        Names(rule);
        return null;
    }

    private static IReadOnlyList<string> FieldNames(MappingReader rule)
    {
        var names = Names(rule);
        if (names.Count == 0)
            rule.Fail("remove", "names no field; expected at least one");
        return names;
    }

    private static IReadOnlyList<string> Names(MappingReader rule) =>
        rule.TextList("remove", [], ShapeCondition.FieldPattern, "Removes the fields of these names; `*` stands for any characters, `?` for one.");

    private static IReadOnlyDictionary<string, string>? DescribeTags(MappingReader rule)
    {
        TagMap(rule);
        return null;
    }

    private static IReadOnlyDictionary<string, string> TagsRead(MappingReader rule)
    {
        var tags = TagMap(rule);
        if (tags.Count is 0 or > TagsMax)
            rule.Fail("tags", $"has {tags.Count} fields; expected 1 to {TagsMax}");
        foreach (var (key, text) in tags)
        {
            if (ShapeCondition.FieldName.Check(key) is not null || key.StartsWith("tributary.", StringComparison.Ordinal))
                rule.Fail("tags", $"{Shown.Quoted(key)} cannot be a field's name; expected {ShapeCondition.FieldName.Expected}, not beginning with \"tributary.\"");
            if (text.Length > TagLengthMax)
                rule.Fail("tags", $"{Shown.Quoted(key)} has {text.Length} characters; expected at most {TagLengthMax}");
        }
        return tags;
    }

    private static IReadOnlyDictionary<string, string> TagMap(MappingReader rule) =>
        rule.TextMap("tags", "Sets fields to fixed texts, in place of fields of the same names.");
}

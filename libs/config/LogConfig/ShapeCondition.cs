namespace Tributary.Config;

/// <summary>One condition on a record: one test of its text, of a field, or of its severity.</summary>
public sealed record ShapeCondition
{
    internal const int FieldLengthMax = 200;

    private const int TextLengthMax = 1000;

    private static readonly string[] Tests = ["matches", "equals", "contains", "exists", "severityBelow", "severityAbove"];

    private static readonly (string Word, int Number)[] Severities =
        [("trace", 1), ("debug", 5), ("info", 9), ("warn", 13), ("error", 17), ("fatal", 21)];

    internal static readonly TextRule FieldName = TextRule.Of("field", $"a field's name of 1 to {FieldLengthMax} characters", IsName);

    internal static readonly TextRule FieldPattern = TextRule.Of("field", $"a field's name of 1 to {FieldLengthMax} characters, with * and ? for parts of it", IsName);

    private static readonly TextRule Searched = TextRule.Of("text", $"1 to {TextLengthMax} characters", text => text.Length is > 0 and <= TextLengthMax);

    private static readonly TextRule Compared = TextRule.Of("text", $"at most {TextLengthMax} characters", text => text.Length <= TextLengthMax);

    private static readonly TextRule SeverityWord = TextRule.Of("severity", Shown.Either([.. Severities.Select(s => s.Word)]), text => Severities.Any(s => s.Word == text));

    /// <summary>The field's name; empty for the record's text.</summary>
    public string Field { get; init; } = "";

    /// <summary>Whether it holds where the test does not.</summary>
    public bool Not { get; init; }

    public ShapeTest Test { get; init; }

    /// <summary>What <see cref="ShapeTest.Matches"/>, <see cref="ShapeTest.Equal"/> and <see cref="ShapeTest.Contains"/> look for.</summary>
    public string Text { get; init; } = "";

    /// <summary>OTel's severity number of the first record that is no longer below, or the first that is above.</summary>
    public int Severity { get; init; }

    internal static ShapeCondition Read(MappingReader condition)
    {
        var field = condition.OptionalText("field", FieldName, "The field that is tested; without it the record's text.") ?? "";
        var not = condition.Flag("not", false, "Turns the test round.");
        var matches = condition.OptionalText("matches", LinearPattern.Rule, "A regular expression that is found in it.");
        var equal = condition.OptionalText("equals", Compared, "What it is, exactly.");
        var contains = condition.OptionalText("contains", Searched, "What stands somewhere in it.");
        var exists = condition.Flag("exists", true, "Whether the field is there.");
        var below = Level(condition, "severityBelow", "The severity is lower than this level's; a record without one does not meet it.");
        var above = Level(condition, "severityAbove", "The severity is higher than this level's; a record without one does not meet it.");
        var written = Tests.Where(condition.HasValue).ToList();
        if (written.Count != 1)
            condition.Fail("", $"has {(written.Count == 0 ? "no test" : string.Join(" and ", written))}; expected exactly one of {Shown.Either(Tests)}");
        else if (written[0] == "exists" && !condition.HasValue("field"))
            condition.Fail("exists", "is asked of no field; expected field beside it");
        else if (written[0].StartsWith("severity", StringComparison.Ordinal) && condition.HasValue("field"))
            condition.Fail("field", $"is not asked by {written[0]}; expected no field beside it");
        return new()
        {
            Field = field,
            Not = not ^ (condition.HasValue("exists") && !exists),
            Test = matches is not null ? ShapeTest.Matches
                : equal is not null ? ShapeTest.Equal
                : contains is not null ? ShapeTest.Contains
                : below > 0 ? ShapeTest.SeverityBelow
                : above > 0 ? ShapeTest.SeverityAbove
                : ShapeTest.Exists,
            Text = matches ?? equal ?? contains ?? "",
            Severity = below > 0 ? below : above > 0 ? above + 4 : 0,
        };
    }

    private static int Level(MappingReader condition, string name, string meaning) =>
        condition.OptionalText(name, SeverityWord, meaning) is { } word ? Severities.Where(s => s.Word == word).Select(s => s.Number).FirstOrDefault(1) : 0;

    private static bool IsName(string text) => text.Length is > 0 and <= FieldLengthMax && !text.Any(char.IsControl);
}

/// <summary>What a <see cref="ShapeCondition"/> asks.</summary>
public enum ShapeTest
{
    /// <summary>A regular expression is found in the text.</summary>
    Matches,

    /// <summary>The text is this one.</summary>
    Equal,

    /// <summary>The text has this one in it.</summary>
    Contains,

    /// <summary>The field is there.</summary>
    Exists,

    /// <summary>The severity is known and below <see cref="ShapeCondition.Severity"/>.</summary>
    SeverityBelow,

    /// <summary>The severity is <see cref="ShapeCondition.Severity"/> or higher.</summary>
    SeverityAbove,
}

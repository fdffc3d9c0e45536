namespace Tributary.Config;

/// <summary>Gives a field another name; a field that had that name goes.</summary>
public sealed record RenameRule
{
    public string From { get; init; } = "";

    public string To { get; init; } = "";

    internal static RenameRule Read(MappingReader rename)
    {
        var read = new RenameRule
        {
            From = rename.RequiredText("from", ShapeCondition.FieldName, "The field's name."),
            To = rename.RequiredText("to", ShapeCondition.FieldName, "Its new name; a field that has this name already goes."),
        };
        if (read.From.Length > 0 && read.From == read.To)
            rename.Fail("to", "is the same name; expected another one");
        if (read.To.StartsWith("tributary.", StringComparison.Ordinal))
            rename.Fail("to", "takes a name that Tributary itself writes; expected one that does not begin with \"tributary.\"");
        return read;
    }
}

/// <summary>Keeps a share of the records: of the same record always the same.</summary>
public sealed record SampleRule
{
    /// <summary>The share that is kept, 0 to 1.</summary>
    public double Rate { get; init; }

    /// <summary>Records with the same text in this field are kept or dropped together; empty: each by itself.</summary>
    public string Key { get; init; } = "";

    internal static SampleRule Read(MappingReader sample) => new()
    {
        Rate = sample.RequiredFraction("rate", "The share that is kept, such as `0.1` or `1/100`."),
        Key = sample.OptionalText("key", ShapeCondition.FieldName, "Records with the same text in this field are kept or dropped together, in every source.") ?? "",
    };
}

/// <summary>Hides parts of a record's text and fields. Its salt is a secret: never print it.</summary>
public sealed record RedactRule
{
    private const int SaltLengthMin = 8;

    private static readonly (string Word, RedactPreset Preset)[] All =
    [
        ("email", RedactPreset.Email), ("creditCard", RedactPreset.CreditCard), ("ipv4", RedactPreset.Ipv4),
        ("ipv6", RedactPreset.Ipv6), ("bearerToken", RedactPreset.BearerToken),
    ];

    private static readonly TextRule PresetRule = TextRule.Of("preset", Shown.Either([.. All.Select(p => p.Word)]), text => All.Any(p => p.Word == text));

    private static readonly TextRule Replacement = TextRule.Of("text", "at most 100 characters", text => text.Length <= 100);

    private static readonly TextRule SaltRule =
        TextRule.Of("text", $"{SaltLengthMin} to 1000 characters", text => text.Length is >= SaltLengthMin and <= 1000) with { IsSecret = true };

    public IReadOnlyList<RedactPreset> Presets { get; init; } = [];

    /// <summary>Regular expressions; all of what one finds is hidden.</summary>
    public IReadOnlyList<string> Patterns { get; init; } = [];

    /// <summary>Whether the record's text is looked through.</summary>
    public bool Body { get; init; } = true;

    /// <summary>Names of the fields that are looked through, with <c>*</c> and <c>?</c>.</summary>
    public IReadOnlyList<string> Fields { get; init; } = ["*"];

    /// <summary>What stands in place of what was hidden, where <see cref="Salt"/> is null.</summary>
    public string With { get; init; } = "[redacted]";

    /// <summary>Where it is there, equal texts are replaced by equal hashes, which cannot be made without it.</summary>
    public string? Salt { get; init; }

    /// <summary>Without the salt.</summary>
    public override string ToString() => $"redact {string.Join(", ", Presets)} and {Patterns.Count} patterns";

    internal static RedactRule Read(MappingReader redact)
    {
        var defaults = new RedactRule();
        var presets = redact.TextList("presets", [], PresetRule, "What to find.");
        var within = redact.TextList("in", ["body", "*"], ShapeCondition.FieldPattern, "Where: `body` is the record's text, anything else names fields.");
        var read = new RedactRule
        {
            Presets = [.. All.Where(p => presets.Contains(p.Word)).Select(p => p.Preset)],
            Patterns = redact.TextList("patterns", [], LinearPattern.Rule, "Regular expressions to find as well."),
            Body = within.Contains("body"),
            Fields = within,
            With = redact.Text("with", defaults.With, Replacement, "What is put in its place."),
            Salt = redact.OptionalObject("hash", Hash, "Puts a hash in its place, so that equal texts can still be told to be equal; in place of `with`.")?.Salt,
        };
        if (read is { Presets.Count: 0, Patterns.Count: 0 } && !redact.HasValue("presets") && !redact.HasValue("patterns"))
            redact.Fail("", "finds nothing; expected presets or patterns");
        if (read.Salt is not null && redact.HasValue("with"))
            redact.Fail("with", "stands beside hash; expected one of the two");
        return read;
    }

    private static RedactRule Hash(MappingReader hash) =>
        new() { Salt = hash.RequiredText("salt", SaltRule, "A secret text that makes the hashes yours. Keep it out of the file with `${NAME}`.") };
}

/// <summary>What <see cref="RedactRule"/> knows to find.</summary>
public enum RedactPreset
{
    Email,

    /// <summary>13 to 19 digits with a right check digit (Luhn), the first from 2 to 9; single spaces or dashes between groups.</summary>
    CreditCard,

    Ipv4,

    Ipv6,

    /// <summary>What follows <c>Bearer</c>, and JSON Web Tokens.</summary>
    BearerToken,
}

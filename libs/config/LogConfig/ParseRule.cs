using System.Text;
using System.Text.RegularExpressions;

namespace Tributary.Config;

/// <summary>How a record's text is taken apart: the section <c>parse</c> of a LogConfig.</summary>
public sealed record ParseRule
{
    public const string WholeLine = "line";

    private const int KeyBytesMax = 128;

    private static readonly TextRule FieldName = TextRule.Of(
        "field name", $"1 to {KeyBytesMax} bytes of text", text => text.Length > 0 && Encoding.UTF8.GetByteCount(text) <= KeyBytesMax);

    private static readonly TextRule OneByte = TextRule.Of(
        "character", "one ASCII character, no letter, digit or line break", text => text.Length == 1 && char.IsAscii(text[0]) && !char.IsAsciiLetterOrDigit(text[0]) && text[0] is not ('\n' or '\r' or '\0'));

    private static readonly (string Word, ParseFormat Value)[] Formats =
    [
        ("none", ParseFormat.None), ("json", ParseFormat.Json), ("csv", ParseFormat.Csv), ("nginx", ParseFormat.Nginx),
        ("apache2", ParseFormat.Apache2), ("apache_error", ParseFormat.ApacheError), ("regexp", ParseFormat.Regexp),
        ("logfmt", ParseFormat.Logfmt), ("syslog", ParseFormat.Syslog),
    ];

    /// <summary>Which fields have a meaning for which formats; the rest go with every format but <c>none</c>.</summary>
    private static readonly (string Field, ParseFormat[] Formats)[] Uses =
    [
        ("names", [ParseFormat.Nginx, ParseFormat.Apache2, ParseFormat.ApacheError, ParseFormat.Syslog]),
        ("keys", [ParseFormat.Csv]),
        ("delimiter", [ParseFormat.Csv]),
        ("quote", [ParseFormat.Csv]),
        ("pattern", [ParseFormat.Regexp]),
        ("types", [ParseFormat.Csv, ParseFormat.Regexp, ParseFormat.Logfmt]),
        ("flatten", [ParseFormat.Json]),
        ("maxDepth", [ParseFormat.Json]),
        ("time", [ParseFormat.Json, ParseFormat.Csv, ParseFormat.Regexp, ParseFormat.Logfmt, ParseFormat.ApacheError, ParseFormat.Syslog]),
        ("severity", [ParseFormat.Json, ParseFormat.Csv, ParseFormat.Regexp, ParseFormat.Logfmt, ParseFormat.ApacheError, ParseFormat.Syslog]),
    ];

    public ParseFormat Format { get; init; }

    /// <summary>How the formats that know their fields call them.</summary>
    public FieldNames Names { get; init; }

    /// <summary>The columns of csv, in order.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Between the columns of csv.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>Around a column that holds the delimiter; doubled, it stands for itself.</summary>
    public char Quote { get; init; } = '"';

    /// <summary>Of regexp; matches in linear time. Its named groups are the fields.</summary>
    public Regex? Pattern { get; init; }

    /// <summary>Fields of csv, regexp and logfmt that are no text.</summary>
    public IReadOnlyDictionary<string, FieldType> Types { get; init; } = new Dictionary<string, FieldType>();

    /// <summary>Whether members of nested JSON objects become fields with dotted names.</summary>
    public bool Flatten { get; init; }

    /// <summary>JSON nested deeper does not parse.</summary>
    public int DepthMax { get; init; } = 16;

    /// <summary>A record with more fields does not parse.</summary>
    public int FieldsMax { get; init; } = 256;

    public TimeRule Time { get; init; } = new();

    public SeverityRule Severity { get; init; } = new();

    /// <summary>The field that is the record's body afterwards; <see cref="WholeLine"/> leaves the line.</summary>
    public string Body { get; init; } = WholeLine;

    internal static ParseRule Read(MappingReader parse)
    {
        var defaults = new ParseRule();
        var rule = new ParseRule
        {
            Format = parse.Choice("format", defaults.Format, "What a line is written in; `none` leaves it as it is.", Formats),
            Names = parse.Choice("names", defaults.Names, "How nginx, apache2, apache_error and syslog call their fields: by OTel's semantic conventions, or as Fluentd's parsers do.", ("otel", FieldNames.Otel), ("fluentd", FieldNames.Fluentd)),
            Keys = parse.TextList("keys", defaults.Keys, FieldName, "csv: the columns, in order. Required there."),
            Delimiter = parse.Text("delimiter", ",", OneByte, "csv: between columns; `\"\\t\"` for a tab.") is [var delimiter, ..] ? delimiter : defaults.Delimiter,
            Quote = parse.Text("quote", "\"", OneByte, "csv: around a column that holds the delimiter; doubled, it stands for itself.") is [var quote, ..] ? quote : defaults.Quote,
            Pattern = GroupPattern.Read(parse, "pattern", "regexp: its named groups `(?<name>…)` are the fields. Required there."),
            Types = parse.ChoiceMap("types", "csv, regexp, logfmt: fields that are no text.", ("text", FieldType.Text), ("int", FieldType.Int), ("float", FieldType.Float), ("bool", FieldType.Bool)),
            Flatten = parse.Choice("flatten", defaults.Flatten, "json: whether members of nested objects become fields with dotted names.", ("false", false), ("true", true)),
            DepthMax = parse.Number("maxDepth", defaults.DepthMax, 1, 30, "json: what is nested deeper does not parse."),
            FieldsMax = parse.Number("maxFields", defaults.FieldsMax, 1, 1000, "A record with more fields does not parse."),
            Time = parse.Object("time", TimeRule.Read, "The time of the record. It moves from the fields to the record's own time."),
            Severity = parse.Object("severity", SeverityRule.Read, "The severity of the record. It moves from the fields to the record's own severity."),
            Body = parse.Text("body", defaults.Body, FieldName, "What the record's body is afterwards: the whole `line`, or the field of this name, where the record has it."),
        };
        rule.Check(parse);
        return rule;
    }

    private void Check(MappingReader parse)
    {
        var word = Formats.First(f => f.Value == Format).Word;
        foreach (var (field, formats) in Uses)
        {
            if (parse.Has(field) && !formats.Contains(Format))
                parse.Fail(field, $"means nothing for format {word}; it is for {Shown.Either([.. Formats.Where(f => formats.Contains(f.Value)).Select(f => f.Word)])}");
        }
        if (Format == ParseFormat.None && parse.Has("body"))
            parse.Fail("body", "means nothing for format none");
        if (Format == ParseFormat.Csv && Keys.Count == 0)
            parse.Fail("keys", "is missing; expected the names of the columns");
        if (Format == ParseFormat.Csv && Keys.Count > FieldsMax)
            parse.Fail("keys", $"has {Keys.Count} columns; expected at most maxFields, {FieldsMax}");
        if (Format == ParseFormat.Csv && Delimiter == Quote)
            parse.Fail("quote", "is the delimiter too; expected two different characters");
        if (Format == ParseFormat.Regexp && !parse.Has("pattern"))
            parse.Fail("pattern", "is missing; expected a regular expression with named groups");
        CheckKeys(parse, Format is ParseFormat.ApacheError or ParseFormat.Syslog);
    }

    private void CheckKeys(MappingReader parse, bool hasOwn)
    {
        if (hasOwn && Time.Key.Length > 0)
            parse.Fail("time", "names a key, but the format has a time of its own; expected zone alone");
        else if (hasOwn && Time.IsFormatSet)
            parse.Fail("time", "names a format, but the format has a time of its own; expected zone alone");
        else if (!hasOwn && parse.Has("time") && Time.Key.Length == 0)
            parse.Fail("time", "names no key; expected the field that holds the time");
        if (hasOwn && Severity.Key.Length > 0)
            parse.Fail("severity", "names a key, but the format has a severity of its own; expected map alone");
        else if (!hasOwn && parse.Has("severity") && Severity.Key.Length == 0)
            parse.Fail("severity", "names no key; expected the field that holds the severity");
    }
}

/// <summary>What a line is written in.</summary>
public enum ParseFormat
{
    None,
    Json,
    Csv,
    Nginx,
    Apache2,
    ApacheError,
    Regexp,
    Logfmt,
    Syslog,
}

/// <summary>How known fields are called.</summary>
public enum FieldNames
{
    Otel,
    Fluentd,
}

/// <summary>What a field's text is read as.</summary>
public enum FieldType
{
    Text,
    Int,
    Float,
    Bool,
}

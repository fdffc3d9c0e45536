namespace Tributary.Config;

/// <summary>One record that a sample must become, or records that a rule must drop. What is not written is not compared.</summary>
public sealed record ExpectedRecord
{
    /// <summary>The body, without a newline at its end; null for any.</summary>
    public string? Body { get; init; }

    /// <summary>OTel's severity number; 0 for any.</summary>
    public int Severity { get; init; }

    /// <summary>The severity as the source wrote it; null for any.</summary>
    public string? SeverityText { get; init; }

    /// <summary>When the line was written; null for any.</summary>
    public string? Time { get; init; }

    /// <summary>Empty for any.</summary>
    public string Stream { get; init; } = "";

    /// <summary>Attributes that the record must have: the value, and whether it is text; null for one that it must not have.</summary>
    public IReadOnlyDictionary<string, (string Text, bool IsText)?> Attributes { get; init; } = new Dictionary<string, (string, bool)?>();

    /// <summary>The rule that drops records here; null where a record comes.</summary>
    public string? Dropped { get; init; }

    /// <summary>How many records it drops.</summary>
    public int Count { get; init; } = 1;

    private static readonly string[] OfRecord = ["body", "severity", "severityText", "time", "stream", "attributes"];

    private static readonly string[] Levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

    private static readonly (string Word, int Value)[] Severities =
        [("any", 0), .. Levels.SelectMany((level, i) => Enumerable.Range(1, 4).Select(k => (NameOf(i * 4 + k), i * 4 + k)))];

    private static readonly TextRule Moment = TextRule.Of("time", "a time such as 2026-11-21T10:00:00.5Z", text => DateTimeOffset.TryParse(text, null, out _));

    /// <summary>OTel's name of a severity number, such as ERROR or INFO2; empty for 0.</summary>
    public static string NameOf(int severity) =>
        severity is < 1 or > 24 ? "" : Levels[(severity - 1) / 4] + ((severity - 1) % 4 == 0 ? "" : $"{(severity - 1) % 4 + 1}");

    internal static ExpectedRecord Read(MappingReader record)
    {
        var read = new ExpectedRecord
        {
            Body = WithoutNewline(Optional(record, "body", TextRule.Any, "The text; one newline at its end is not compared.")),
            Severity = record.Choice("severity", 0, "OTel's name of the severity.", Severities),
            SeverityText = Optional(record, "severityText", TextRule.Any, "The severity as the source wrote it."),
            Time = Optional(record, "time", Moment, "When the line was written."),
            Stream = record.Choice("stream", "", "The stream.", ("any", ""), ("stdout", "stdout"), ("stderr", "stderr")),
            Attributes = record.ScalarMap("attributes", "Attributes that the record has, among others: numbers without quotes, text in quotes where it looks like one. Without a value: the record has it not."),
            Dropped = Optional(record, "dropped", TextRule.Any, "Instead of a record: the rule that drops some."),
            Count = record.Number("count", 1, 1, 1_000_000, "How many records the rule drops."),
        };
        var ofRecord = OfRecord.FirstOrDefault(record.Has);
        if (read.Dropped is not null && ofRecord is not null)
            record.Fail(ofRecord, "stands beside dropped; expected a record or dropped");
        else if (read.Dropped is null && record.Has("count"))
            record.Fail("count", "stands without dropped");
        else if (read.Dropped is null && ofRecord is null)
            record.Fail("", "expects nothing; expected body, severity, severityText, time, stream, attributes or dropped");
        return read;
    }

    private static string? Optional(MappingReader record, string name, TextRule rule, string meaning)
    {
        var text = record.Text(name, "", rule, meaning, "any");
        return record.Has(name) ? text : null;
    }

    private static string? WithoutNewline(string? text) => text is [.., '\n'] ? text[..^1] : text;
}

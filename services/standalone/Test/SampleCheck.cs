using System.Globalization;
using System.Text.Json;
using Tributary.Config;

namespace Tributary.Standalone.Test;

/// <summary>Where a sample became something else than expected: a field of a record, a record too few or too many, a drop.</summary>
internal static class SampleCheck
{
    public static IReadOnlyList<Difference> Differences(IReadOnlyList<ExpectedRecord> expected, SampleOutcome outcome)
    {
        var differences = new List<Difference>();
        var records = expected.Where(e => e.Dropped is null).ToList();
        for (var i = 0; i < Math.Max(records.Count, outcome.Records.Count); i++)
        {
            var place = $"record {i + 1}";
            if (i >= outcome.Records.Count)
            {
                differences.Add(new(place, records[i].Body ?? "a record", "nothing"));
            }
            else if (i >= records.Count)
            {
                differences.Add(new(place, "nothing", outcome.Records[i].Body));
            }
            else
            {
                Compare(differences, place, records[i], outcome.Records[i]);
            }
        }

        var drops = expected.Where(e => e.Dropped is not null).GroupBy(e => e.Dropped!).ToDictionary(g => g.Key, g => g.Sum(e => (long)e.Count));
        foreach (var rule in drops.Keys.Concat(outcome.Dropped.Keys).Distinct().Order(StringComparer.Ordinal))
        {
            var (wanted, was) = (drops.GetValueOrDefault(rule), outcome.Dropped.GetValueOrDefault(rule));
            Add(differences, $"dropped by {rule}", wanted.ToString(CultureInfo.InvariantCulture), was.ToString(CultureInfo.InvariantCulture));
        }

        return differences;
    }

    private static void Compare(List<Difference> differences, string place, ExpectedRecord expected, TestRecord record)
    {
        Add(differences, $"{place}, body", expected.Body, record.Body);
        Add(differences, $"{place}, severity", expected.Severity == 0 ? null : ExpectedRecord.NameOf(expected.Severity), ExpectedRecord.NameOf(record.Severity));
        Add(differences, $"{place}, severityText", expected.SeverityText, record.SeverityText);
        Add(differences, $"{place}, stream", expected.Stream.Length == 0 ? null : expected.Stream, record.Stream);
        if (expected.Time is not null && !SameTime(expected.Time, record.Time))
        {
            differences.Add(new($"{place}, time", expected.Time, record.Time));
        }

        foreach (var (name, value) in expected.Attributes)
        {
            var found = record.Attributes.TryGetValue(name, out var actual);
            if (value is not { } wanted)
            {
                Add(differences, $"{place}, {name}", "no such attribute", found ? Shown(actual) : "no such attribute");
            }
            else if (!found || !Same(wanted, actual))
            {
                differences.Add(new($"{place}, {name}", wanted.IsText ? JsonSerializer.Serialize(wanted.Text, TestJson.Default.String) : wanted.Text, found ? Shown(actual) : "no such attribute"));
            }
        }
    }

    private static void Add(List<Difference> differences, string place, string? expected, string actual)
    {
        if (expected is not null && expected != actual)
        {
            differences.Add(new(place, expected, actual));
        }
    }

    /// <summary>Text equals text, a number the number; lists and maps are compared as the JSON text that they are.</summary>
    private static bool Same((string Text, bool IsText) wanted, JsonElement actual) => actual.ValueKind switch
    {
        JsonValueKind.String => wanted.IsText && actual.GetString() == wanted.Text,
        JsonValueKind.Number => !wanted.IsText && (actual.GetRawText() == wanted.Text
            || (double.TryParse(wanted.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number == actual.GetDouble())),
        JsonValueKind.True or JsonValueKind.False => !wanted.IsText && actual.GetRawText() == wanted.Text,
        _ => actual.GetRawText() == wanted.Text,
    };

    /// <summary>To the nanosecond, in whatever zone it is written.</summary>
    private static bool SameTime(string expected, string actual) =>
        DateTimeOffset.TryParse(expected, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var wanted)
        && DateTimeOffset.TryParse(actual, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var was)
        && wanted.ToUniversalTime().Ticks == was.ToUniversalTime().Ticks
        && Digits(expected).PadRight(9, '0')[7..] == Digits(actual).PadRight(9, '0')[7..];

    /// <summary>The digits of the second's fraction, at most nine.</summary>
    private static string Digits(string time)
    {
        var dot = time.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? "" : string.Concat(time.Skip(dot + 1).TakeWhile(char.IsAsciiDigit).Take(9));
    }

    private static string Shown(JsonElement value) => value.GetRawText();
}

/// <summary>Something that was expected otherwise.</summary>
internal sealed record Difference(string Place, string Expected, string Actual);

using System.Globalization;

namespace Tributary.Config;

/// <summary>Where a record's time stands and how it is written.</summary>
public sealed record TimeRule
{
    private const string FormatDefault = "rfc3339";

    private static readonly TextRule KeyRule = TextRule.Of("field name", "1 to 128 characters", text => text.Length is > 0 and <= 128);

    private static readonly TextRule FormatRule = new(
        "time format", $"rfc3339, unix, unix_ms, unix_us, unix_ns, or a pattern with {TimeFormat.Expected}", text => TimeFormat.TryParse(text, out _));

    private static readonly TextRule ZoneRule = TextRule.Of(
        "zone", "UTC, local, an offset such as +08:00, or a name such as Asia/Shanghai", text => ZoneOf(text) is not null);

    /// <summary>The field; empty where the format has a time of its own, or none is asked for.</summary>
    public string Key { get; init; } = "";

    public TimeFormat Format { get; init; } = TimeFormat.Rfc3339;

    /// <summary>Whether another format than the default is written.</summary>
    public bool IsFormatSet { get; init; }

    /// <summary>What holds where the text names no zone.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    internal static TimeRule Read(MappingReader time)
    {
        var format = time.Text("format", FormatDefault, FormatRule, "How it is written: `rfc3339`, `unix` (seconds), `unix_ms`, `unix_us`, `unix_ns`, or a pattern such as `%d/%b/%Y:%H:%M:%S %z`.");
        return new()
        {
            Key = time.Text("key", "", KeyRule, "The field that holds the time.", "none"),
            Format = TimeFormat.TryParse(format, out var parsed) is null ? parsed : TimeFormat.Rfc3339,
            IsFormatSet = format != FormatDefault,
            Zone = ZoneOf(time.Text("zone", "UTC", ZoneRule, "What holds where the text names no zone.")) ?? TimeZoneInfo.Utc,
        };
    }

    private static TimeZoneInfo? ZoneOf(string text)
    {
        if (text is "UTC" or "Z")
            return TimeZoneInfo.Utc;
        if (text == "local")
            return TimeZoneInfo.Local;
        if (text.Length == 6 && text[0] is '+' or '-')
        {
            return TimeSpan.TryParseExact(text.AsSpan(1), @"hh\:mm", CultureInfo.InvariantCulture, out var offset) && offset <= TimeSpan.FromHours(14)
                ? TimeZoneInfo.CreateCustomTimeZone(text, text[0] == '-' ? -offset : offset, text, text)
                : null;
        }
        // A name alone: what looks like a path would be read as a file.
        return text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+') && TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone)
            ? zone
            : null;
    }
}

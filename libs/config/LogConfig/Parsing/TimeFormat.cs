namespace Tributary.Config;

/// <summary>
/// How a time is written: a known form, or a pattern of strftime's as Fluentd's and others' users know it. A pattern
/// names at least a day and a time of the day, or seconds since 1970.
/// </summary>
public sealed record TimeFormat(TimeForm Form, IReadOnlyList<TimePart> Parts)
{
    internal const string Expected = "%Y %m %d %H %M %S, %L %N %f (fractions), %z, %b %e %y %j %I %p %s %T %F and %%";

    private const int LengthMax = 100;

    public static readonly TimeFormat Rfc3339 = new(TimeForm.Rfc3339, []);

    private static readonly Dictionary<string, TimeForm> Forms = new()
    {
        ["rfc3339"] = TimeForm.Rfc3339,
        ["unix"] = TimeForm.Unix,
        ["unix_ms"] = TimeForm.UnixMs,
        ["unix_us"] = TimeForm.UnixUs,
        ["unix_ns"] = TimeForm.UnixNs,
    };

    /// <summary>Whether the pattern says no year: the latest one that is not in the future is meant.</summary>
    public bool IsYearless => Form == TimeForm.Pattern && !Parts.Any(p => p.Kind is TimePartKind.Year or TimePartKind.ShortYear or TimePartKind.UnixSeconds);

    /// <summary>A format that is known to be right.</summary>
    public static TimeFormat Of(string text) =>
        TryParse(text, out var format) is { } wrong ? throw new ArgumentException(wrong, nameof(text)) : format;

    /// <summary>Null, or why it is no format.</summary>
    internal static string? TryParse(string text, out TimeFormat format)
    {
        format = Rfc3339;
        if (Forms.TryGetValue(text, out var form))
        {
            format = new(form, []);
            return null;
        }
        if (!text.Contains('%') || text.Length > LengthMax)
            return "";
        var parts = new List<TimePart>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                AddLiteral(parts, text[i]);
                continue;
            }
            // Padding and the colon of %:z change nothing for a reader; digits of %3N neither.
            do
                i++;
            while (i < text.Length && (text[i] is '-' or '_' or ':' or '^' || char.IsAsciiDigit(text[i])));
            if (i == text.Length)
                return "it ends within a %";
            if (!Add(parts, text[i]))
                return $"%{text[i]} is not known";
        }
        format = new(TimeForm.Pattern, parts);
        return Missing(parts);
    }

    private static string? Missing(List<TimePart> parts)
    {
        bool Has(params TimePartKind[] kinds) => parts.Any(p => kinds.Contains(p.Kind));
        if (Has(TimePartKind.UnixSeconds))
            return null;
        if (!Has(TimePartKind.DayOfYear) && !(Has(TimePartKind.Day) && Has(TimePartKind.Month, TimePartKind.MonthName)))
            return "it names no day";
        if (Has(TimePartKind.Hour12) && !Has(TimePartKind.HalfDay))
            return "%I needs %p";
        return Has(TimePartKind.Hour, TimePartKind.Hour12) ? null : "it names no time of the day";
    }

    private static bool Add(List<TimePart> parts, char letter)
    {
        switch (letter)
        {
            case 'T':
                AddAll(parts, "H:M:S");
                return true;
            case 'R':
                AddAll(parts, "H:M");
                return true;
            case 'F':
                AddAll(parts, "Y-m-d");
                return true;
            case 'D':
                AddAll(parts, "m/d/y");
                return true;
            case '%':
                AddLiteral(parts, '%');
                return true;
            case 'n' or 't':
                AddLiteral(parts, ' ');
                return true;
        }
        if (KindOf(letter) is not { } kind)
            return false;
        parts.Add(new(kind, '\0'));
        return true;
    }

    private static void AddAll(List<TimePart> parts, string letters)
    {
        foreach (var letter in letters)
        {
            if (KindOf(letter) is { } kind)
                parts.Add(new(kind, '\0'));
            else
                AddLiteral(parts, letter);
        }
    }

    private static void AddLiteral(List<TimePart> parts, char c)
    {
        // Any number of spaces stands for any number: syslog pads its days.
        if (c != ' ')
            parts.Add(new(TimePartKind.Literal, c));
        else if (parts.Count == 0 || parts[^1].Kind != TimePartKind.Spaces)
            parts.Add(new(TimePartKind.Spaces, ' '));
    }

    private static TimePartKind? KindOf(char letter) => letter switch
    {
        'Y' => TimePartKind.Year,
        'y' => TimePartKind.ShortYear,
        'm' => TimePartKind.Month,
        'b' or 'B' or 'h' => TimePartKind.MonthName,
        'd' or 'e' => TimePartKind.Day,
        'j' => TimePartKind.DayOfYear,
        'a' or 'A' => TimePartKind.WeekdayName,
        'H' or 'k' => TimePartKind.Hour,
        'I' or 'l' => TimePartKind.Hour12,
        'p' or 'P' => TimePartKind.HalfDay,
        'M' => TimePartKind.Minute,
        'S' => TimePartKind.Second,
        'L' or 'N' or 'f' => TimePartKind.Fraction,
        'z' or 'Z' => TimePartKind.Zone,
        's' => TimePartKind.UnixSeconds,
        _ => null,
    };
}

/// <summary>The form of a time.</summary>
public enum TimeForm
{
    Rfc3339,
    Unix,
    UnixMs,
    UnixUs,
    UnixNs,
    Pattern,
}

/// <summary>One part of a pattern; <paramref name="Literal"/> is the character of a literal.</summary>
public readonly record struct TimePart(TimePartKind Kind, char Literal);

/// <summary>What a part of a pattern reads.</summary>
public enum TimePartKind
{
    Literal,
    Spaces,
    Year,
    ShortYear,
    Month,
    MonthName,
    Day,
    DayOfYear,
    WeekdayName,
    Hour,
    Hour12,
    HalfDay,
    Minute,
    Second,
    Fraction,
    Zone,
    UnixSeconds,
}

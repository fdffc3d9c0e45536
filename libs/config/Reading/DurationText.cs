using System.Globalization;

namespace Tributary.Config;

/// <summary>A duration as written: one whole number and one unit of ms, s, m, h.</summary>
internal static class DurationText
{
    public const string Expected = "a duration such as 250ms, 10s, 5m or 1h";

    private static readonly (string Unit, long Milliseconds)[] Units =
        [("ms", 1), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];

    /// <summary>False where it is no duration; one too long to hold is given as the longest.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var (unit, factor) = Units.FirstOrDefault(u => text.EndsWith(u.Unit, StringComparison.Ordinal), ("", 0));
        var digits = text.AsSpan(0, text.Length - unit.Length);
        if (factor == 0 || digits.IsEmpty || digits.IndexOfAnyExceptInRange('0', '9') >= 0)
            return false;
        var longest = TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond;
        duration = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= longest / factor
            ? TimeSpan.FromTicks(number * factor * TimeSpan.TicksPerMillisecond)
            : TimeSpan.MaxValue;
        return true;
    }

    /// <summary>With the greatest unit that leaves a whole number.</summary>
    public static string Format(TimeSpan duration)
    {
        var milliseconds = duration.Ticks / TimeSpan.TicksPerMillisecond;
        var (unit, factor) = Units.OrderByDescending(u => u.Milliseconds).First(u => milliseconds % u.Milliseconds == 0);
        return milliseconds == 0 ? "0s" : milliseconds / factor + unit;
    }
}

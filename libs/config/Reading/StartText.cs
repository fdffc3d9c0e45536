using System.Globalization;

namespace Tributary.Config;

/// <summary>Where reading begins in a file: <c>beginning</c>, <c>end</c>, or an RFC 3339 time.</summary>
public static class StartText
{
    public const string Beginning = "beginning";

    public const string End = "end";

    internal static readonly TextRule Rule = TextRule.Of(
        "start", "beginning, end, or a time such as \"2026-11-21T10:00:00Z\"", text => text is Beginning or End || TimeOf(text) is not null);

    /// <summary>The time; null for the other words.</summary>
    public static DateTimeOffset? TimeOf(string text) =>
        text.Contains('T', StringComparison.Ordinal)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
}

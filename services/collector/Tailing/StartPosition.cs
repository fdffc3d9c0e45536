using Tributary.Config;

namespace Tributary.Collector.Tailing;

/// <summary>Where reading begins in a file that was there before its source was ever looked at.</summary>
/// <param name="Kind">Beginning, end or a time.</param>
/// <param name="Since">The time; of no meaning else.</param>
public readonly record struct StartPosition(StartKind Kind, DateTimeOffset Since = default)
{
    /// <summary>The end as it is at the first look.</summary>
    public static StartPosition End { get; } = new(StartKind.End);

    /// <summary>What a validated <c>start</c> of a configuration says.</summary>
    internal static StartPosition Parse(string text) => text switch
    {
        StartText.Beginning => default,
        StartText.End => End,
        _ => new StartPosition(StartKind.Since, StartText.TimeOf(text)!.Value),
    };
}

/// <summary>See <see cref="StartPosition"/>.</summary>
public enum StartKind
{
    /// <summary>All that is there.</summary>
    Beginning,

    /// <summary>What is written from now on.</summary>
    End,

    /// <summary>What was written since a time: by each line's time where the format has one, else by the file's.</summary>
    Since,
}

using System.Text.RegularExpressions;

namespace Tributary.Config;

/// <summary>Which lines of a stream make one record: by a preset or by patterns, never both.</summary>
public sealed record MultilineRule
{
    /// <summary>Whose stack traces are joined; <see cref="MultilinePreset.None"/> where patterns say it.</summary>
    public MultilinePreset Preset { get; init; }

    /// <summary>Found in a line that begins a record.</summary>
    public Regex? Start { get; init; }

    /// <summary>Found in a line that goes on with the record before it.</summary>
    public Regex? Continue { get; init; }

    /// <summary>Found in the last line of a record.</summary>
    public Regex? End { get; init; }

    /// <summary>Lines of one record; what comes after them is a record of its own that is marked.</summary>
    public int LinesMax { get; init; } = 1000;

    /// <summary>Bytes of one record, newlines between its lines included; a single line that is longer stays whole.</summary>
    public int BytesMax { get; init; } = 1 << 20;

    /// <summary>An open record ends when no line of its stream came for this long.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    internal static MultilineRule Read(MappingReader rule)
    {
        var read = new MultilineRule
        {
            Preset = rule.Choice("preset", MultilinePreset.None, "Joins what this language prints of an error; auto does for all of them. Not beside patterns.", Presets),
            Start = Pattern(rule, "start", "Found in a line that begins a record."),
            Continue = Pattern(rule, "continue", "Found in a line that goes on with the record before it."),
            End = Pattern(rule, "end", "Found in the last line of a record."),
            LinesMax = rule.Number("maxLines", 1000, 2, 100_000, "Lines of one record; the rest is a record of its own, marked and counted."),
            BytesMax = (int)rule.Bytes("maxBytes", 1 << 20, 1024, 16 << 20, "Bytes of one record; the rest is a record of its own, marked and counted. One line that is longer stays whole."),
            Timeout = rule.Duration("timeout", TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(5), "An open record ends when no line of its stream came for this long."),
        };
        var hasPattern = rule.Has("start") || rule.Has("continue") || rule.Has("end");
        if (rule.Has("preset") && hasPattern && read.Preset != MultilinePreset.None)
            rule.Fail("preset", "stands beside patterns; expected either preset or some of start, continue and end");
        else if (!rule.Has("preset") && !hasPattern)
            rule.Fail("", "says not how lines are joined; expected preset, or some of start, continue and end");
        return read;
    }

    private static readonly (string Word, MultilinePreset Value)[] Presets =
    [
        ("none", MultilinePreset.None), ("java", MultilinePreset.Java), ("python", MultilinePreset.Python), ("go", MultilinePreset.Go),
        ("dotnet", MultilinePreset.Dotnet), ("ruby", MultilinePreset.Ruby), ("node", MultilinePreset.Node), ("auto", MultilinePreset.Auto),
    ];

    private static Regex? Pattern(MappingReader rule, string name, string meaning)
    {
        var pattern = rule.Text(name, "", LinearPattern.Rule, meaning, "none");
        return pattern.Length > 0 && LinearPattern.Problem(pattern) is null ? new Regex(pattern, LinearPattern.Options) : null;
    }
}

/// <summary>Languages whose stack traces are known.</summary>
[Flags]
public enum MultilinePreset
{
    /// <summary>Patterns say which lines are joined.</summary>
    None = 0,

    Java = 1,

    Python = 2,

    Go = 4,

    Dotnet = 8,

    Ruby = 16,

    Node = 32,

    /// <summary>All of them.</summary>
    Auto = Java | Python | Go | Dotnet | Ruby | Node,
}

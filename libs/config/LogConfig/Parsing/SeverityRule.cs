using System.Text;

namespace Tributary.Config;

/// <summary>Where a record's severity stands, and what its names mean beside those that are known.</summary>
public sealed record SeverityRule
{
    /// <summary>A longer name is no severity.</summary>
    public const int NameBytesMax = 16;

    private static readonly TextRule KeyRule = TextRule.Of("field name", "1 to 128 characters", text => text.Length is > 0 and <= 128);

    private static readonly (string Word, int Number)[] Levels =
    [
        .. new[] { "trace", "debug", "info", "warn", "error", "fatal" }
            .SelectMany((name, i) => Enumerable.Range(1, 4).Select(n => (n == 1 ? name : name + n, i * 4 + n))),
    ];

    /// <summary>The field; empty where the format has a severity of its own, or none is asked for.</summary>
    public string Key { get; init; } = "";

    /// <summary>Names, case aside, to OTel severity numbers; they come before the known ones.</summary>
    public IReadOnlyDictionary<string, int> Map { get; init; } = new Dictionary<string, int>();

    internal static SeverityRule Read(MappingReader severity)
    {
        var rule = new SeverityRule
        {
            Key = severity.Text("key", "", KeyRule, "The field that holds the severity.", "none"),
            Map = severity.ChoiceMap("map", "What a name, case aside, means: one of OTel's `trace`, `trace2` … `fatal4`. It comes before the names that are known.", Levels),
        };
        foreach (var name in rule.Map.Keys.Where(name => name.Length == 0 || Encoding.UTF8.GetByteCount(name) > NameBytesMax))
            severity.Fail("map", $"has the name {Shown.Quoted(name)}; expected 1 to {NameBytesMax} bytes");
        return rule;
    }
}

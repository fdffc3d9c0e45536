using Tributary.Config;

namespace Tributary.Collector.Records.Multiline;

/// <summary>A config's multiline rule, ready to use.</summary>
internal sealed record MultilineRules(LineGrouping Grouping, int LinesMax, int BytesMax, TimeSpan Timeout)
{
    /// <summary>Null when each line is a record.</summary>
    public static MultilineRules? Build(MultilineRule? rule)
    {
        if (rule is null || (rule.Preset == MultilinePreset.None && rule.Start is null && rule.Continue is null && rule.End is null))
        {
            return null;
        }

        LineGrouping grouping = rule.Preset == MultilinePreset.None
            ? new PatternGrouping(rule.Start, rule.Continue, rule.End)
            : new TraceGrouping(rule.Preset);
        return new MultilineRules(grouping, rule.LinesMax, rule.BytesMax, rule.Timeout);
    }
}

using Tributary.Collector.Records.Multiline;
using Tributary.Collector.Records.Parsing;
using Tributary.Collector.Records.Shaping;
using Tributary.Config;

namespace Tributary.Collector.Records;

/// <summary>Builds the pipeline of a LogConfig. What the validator let through builds.</summary>
internal static class RecordPipelines
{
    /// <summary>Null when the config changes no record.</summary>
    public static RecordPipeline? Build(LogConfig config)
    {
        var multiline = MultilineRules.Build(config.Multiline);
        var parser = RecordParsers.Build(config.Parse);
        var steps = ShapeSteps.Build(config.Shape);
        return multiline is null && parser is null && steps.Length == 0
            ? null
            : new RecordPipeline
            {
                Config = RuleCatalog.FullName(config),
                Version = config.Version,
                Multiline = multiline,
                Parser = parser,
                Steps = steps,
            };
    }
}

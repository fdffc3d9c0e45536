using System.Text;
using Tributary.Config;

namespace Tributary.Tests.Unit.Config;

/// <summary>A configuration as lines of text, one a member, the same on every machine.</summary>
internal static class ConfigurationDump
{
    public static string Of(TributaryConfiguration configuration)
    {
        var text = new StringBuilder();
        Node(text, configuration.Node);
        foreach (var output in configuration.Outputs)
            text.Append($"output {output.Name}: {output.Type} {output.Path}\n");
        foreach (var config in configuration.LogConfigs)
            Config(text, config);
        foreach (var test in configuration.LogConfigTests)
            Test(text, test);
        return text.ToString();
    }

    private static void Node(StringBuilder text, NodeSettings node)
    {
        var name = node.Name == new NodeSettings().Name ? "(host)" : node.Name;
        text.Append($"node {name}: bus {node.Bus}, state {node.State}, listen '{node.Listen}', collect {node.Collect}\n");
        if (node.Stores.Count > 0)
        {
            text.Append($"  stores [{string.Join(", ", node.Stores)}]\n");
        }

        text.Append($"  docker {node.Docker.Socket} {node.Docker.Enabled}; pods {node.Pods.Root} {node.Pods.Enabled}\n");
        text.Append($"  files +[{List(node.Files.Include)}] -[{List(node.Files.Exclude)}] {node.Files.Format} to {node.Files.Target}{(node.Files.Encoding == "utf-8" && !node.Files.StripReturn ? "" : $", {node.Files.Encoding}, strip {node.Files.StripReturn}")}\n");
        text.Append($"  prefixes [{List(node.DeclarationPrefixes)}]\n");
        text.Append($"  batch {node.Batch.BytesMax} B, {node.Batch.AgeMax.TotalMilliseconds} ms, {node.Batch.Compression}\n");
        text.Append($"  window {node.Window.BatchesPerTarget} a target, {node.Window.BytesMax} B; line {node.LineBytesMax} B\n");
        if (node.Spool.Path.Length > 0)
        {
            text.Append($"  spool {node.Spool.Path}, {node.Spool.BytesMax} B, after {node.Spool.After.TotalSeconds} s\n");
        }

        text.Append($"  checkpoint {node.CheckpointInterval.TotalMilliseconds} ms, shutdown {node.ShutdownTimeout.TotalMilliseconds} ms, targets {node.TargetsPerNamespaceMax}\n");
        Limit(text, "namespace limit", node.NamespaceRateLimit);
    }

    private static void Config(StringBuilder text, LogConfig config)
    {
        text.Append($"config {config.Namespace}/{config.Name} {config.Version}: target {config.Target}, outputs [{List(config.Outputs)}]\n");
        var labels = config.Selector.ContainerLabels.Select(label => $"{label.Key}={label.Value}");
        text.Append($"  selects {config.Selector.Container?.ToString() ?? "any"}, labels [{List(labels)}], namespace '{config.Selector.Namespace}'\n");
        foreach (var source in config.Sources)
        {
            if (source.Stdout is { } stdout)
                text.Append($"  stdout [{List(stdout.Streams)}]\n");
            if (source.HostFiles is { } files)
                text.Append($"  host files +[{List(files.Paths)}] -[{List(files.Exclude)}] {files.Format}{(files.Encoding == "utf-8" && !files.StripReturn ? "" : $", {files.Encoding}, strip {files.StripReturn}")}{(files.Start == "beginning" ? "" : $", from {files.Start}")}\n");
            if (source.Journal is { } journal)
                text.Append($"  journal units [{List(journal.Units)}], identifiers [{List(journal.Identifiers)}], priority {journal.PriorityMax}, fields [{List(journal.Fields)}], in '{journal.Directory}'{(journal.FromEnd ? ", from its end" : "")}\n");
            if (source.Kernel is { } kernel)
                text.Append($"  kernel{(kernel.FromEnd ? ", from its end" : "")}\n");
        }
        if (config.Multiline is { } rule)
            text.Append($"  multiline {rule.Preset}, start '{rule.Start}', continue '{rule.Continue}', end '{rule.End}', {rule.LinesMax} lines, {rule.BytesMax} B, {rule.Timeout.TotalMilliseconds} ms\n");
        if (config.Parse.Format != ParseFormat.None)
            Parse(text, config.Parse);
        Limit(text, "limit", config.RateLimit);
        foreach (var shape in config.Shape)
            text.Append($"  {shape.Name}{When(shape)}: {Action(shape)}\n");
    }

    private static void Parse(StringBuilder text, ParseRule parse)
    {
        text.Append($"  parse {parse.Format} {parse.Names}, body '{parse.Body}', at most {parse.FieldsMax} fields, depth {parse.DepthMax}, flatten {parse.Flatten}\n");
        text.Append($"    keys [{List(parse.Keys)}] by '{parse.Delimiter}' in '{parse.Quote}'; pattern '{parse.Pattern}'; types [{List(parse.Types.Select(t => $"{t.Key}={t.Value}"))}]\n");
        text.Append($"    time '{parse.Time.Key}' {parse.Time.Format.Form} [{List(parse.Time.Format.Parts.Select(p => p.Kind == TimePartKind.Literal ? p.Literal.ToString() : p.Kind.ToString()))}] in {parse.Time.Zone.BaseUtcOffset}\n");
        text.Append($"    severity '{parse.Severity.Key}' [{List(parse.Severity.Map.Select(m => $"{m.Key}={m.Value}"))}]\n");
    }

    private static void Limit(StringBuilder text, string name, RateLimit? limit)
    {
        if (limit is not null)
            text.Append($"  {name} {limit.RecordsPerSecond} records, {limit.BytesPerSecond} B a second, {limit.Burst.TotalSeconds} s, {limit.Policy}\n");
    }

    private static string When(ShapeRule rule) => rule.When.Count == 0 ? "" : $" when {Conditions(rule.When)}";

    private static string Action(ShapeRule rule) => rule switch
    {
        { Drop: { } drop } => $"drop {Conditions(drop)}",
        { Keep: { } keep } => $"keep {Conditions(keep)}",
        { Rename: { } rename } => $"rename {rename.From} to {rename.To}",
        { Remove: { } remove } => $"remove [{List(remove)}]",
        { Redact: { } redact } => $"redact [{List(redact.Presets.Select(p => p.ToString()))}] [{List(redact.Patterns)}] body {redact.Body} fields [{List(redact.Fields)}] {(redact.Salt is { } salt ? $"salt of {salt.Length}" : $"with '{redact.With}'")}",
        { Sample: { } sample } => $"sample {sample.Rate} by '{sample.Key}'",
        { Tags: { } tags } => $"tags [{List(tags.Select(t => $"{t.Key}={t.Value}"))}]",
        _ => "nothing",
    };

    private static string Conditions(IEnumerable<ShapeCondition> conditions) =>
        string.Join(" and ", conditions.Select(c => $"({(c.Not ? "not " : "")}'{c.Field}' {c.Test} '{c.Text}' {c.Severity})"));

    private static void Test(StringBuilder text, LogConfigTest test)
    {
        text.Append($"test {test.Namespace}/{test.Name} of '{test.Config}'\n");
        foreach (var sample in test.Samples)
        {
            text.Append($"  sample '{sample.Name}' {sample.Format}, {sample.Content.Length} B\n");
            foreach (var e in sample.Expect ?? [])
            {
                var attributes = e.Attributes.Select(a => a.Key + (a.Value is { } value ? $"={value.Text}{(value.IsText ? " (text)" : "")}" : " absent"));
                text.Append($"    body '{e.Body}', severity {e.Severity} '{e.SeverityText}', time {e.Time}, stream '{e.Stream}', [{List(attributes)}], dropped {e.Count} '{e.Dropped}'\n");
            }
        }
    }

    private static string List(IEnumerable<string> items) => string.Join(", ", items);
}

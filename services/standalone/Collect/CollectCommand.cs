using System.CommandLine;
using Tributary.Contracts;

namespace Tributary.Standalone.Collect;

/// <summary><c>tributary collect</c>: the collector alone over given files.</summary>
internal static class CollectCommand
{
    public static Command Create()
    {
        var patterns = new Argument<string[]>("PATTERN")
        {
            Description = "Files to read, as globs: * ? [..] {a,b} and ** across folders. Quote them, or the shell expands them once and for all.",
            Arity = ArgumentArity.OneOrMore,
        };
        var format = new Option<string>("--format")
        {
            Description = "How the files are framed; auto looks at each file's first line.",
            DefaultValueFactory = _ => "auto",
        };
        format.AcceptOnlyFromAmong("auto", "cri", "docker", "raw");
        var to = new Option<string>("--to")
        {
            Description = "Where records go: file:DIR (NDJSON), null: (nowhere), amqp://user:password@host:port/vhost (RabbitMQ, confirmed).",
            DefaultValueFactory = _ => "file:./var/logs",
        };
        var state = new Option<string>("--state")
        {
            Description = "Folder of the checkpoints; the same folder goes on where the last run ended.",
            DefaultValueFactory = _ => "./var/collect",
        };
        var stores = new Option<string[]>("--store")
        {
            Description = "Root of a data disk that holds the checkpoints of its files itself, so that it may be read on elsewhere; one process reads it at a time.",
            DefaultValueFactory = _ => [],
        };
        var target = new Option<string>("--target")
        {
            Description = "The records' target: routing key, and folder of file output.",
            DefaultValueFactory = _ => Topology.DefaultTarget,
        };
        var compression = new Option<string>("--compression")
        {
            Description = "How batches are compressed on the bus.",
            DefaultValueFactory = _ => "zstd",
        };
        compression.AcceptOnlyFromAmong("zstd", "gzip", "none");
        var rules = new Option<string?>("--rules")
        {
            Description = "A YAML file with one LogConfig, whose multiline, parse and shape rules each record goes through.",
        };
        var untilDrained = new Option<bool>("--until-drained")
        {
            Description = "End when every file is read to its end and delivered, and print an accounting.",
        };
        var json = new Option<bool>("--json") { Description = "The accounting as one JSON object." };
        var command = new Command("collect", "Collect given files; follows them until Ctrl-C or SIGTERM, or with --until-drained to their end.")
        {
            patterns, format, to, state, stores, target, compression, rules, untilDrained, json,
        };
        command.SetAction((parse, _) => new CollectRun(
            new CollectSettings(
                parse.GetValue(patterns)!,
                Enum.Parse<LogFormat>(parse.GetValue(format)!, ignoreCase: true),
                parse.GetValue(to)!,
                parse.GetValue(state)!,
                parse.GetValue(target)!,
                parse.GetValue(compression)!,
                parse.GetValue(rules),
                parse.GetValue(untilDrained),
                parse.GetValue(stores)!),
            parse.GetValue(json)).RunAsync());
        return command;
    }
}

/// <summary>What the command line asked for.</summary>
internal sealed record CollectSettings(
    IReadOnlyList<string> Patterns,
    LogFormat Format,
    string To,
    string State,
    string Target,
    string Compression,
    string? Rules,
    bool UntilDrained,
    IReadOnlyList<string> Stores);

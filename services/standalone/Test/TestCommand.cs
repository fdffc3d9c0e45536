using System.CommandLine;
using Tributary.Contracts;

namespace Tributary.Standalone.Test;

/// <summary><c>tributary test</c>: what a config's rules make of samples, or of the last lines of a file.</summary>
internal static class TestCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "YAML files with LogConfigs and, beside them or in files of their own, documents of kind LogConfigTest.",
            Arity = ArgumentArity.OneOrMore,
        };
        var file = new Option<string?>("--file")
        {
            Description = "Run the rules over this log file in place of the samples; nothing is remembered or delivered.",
        };
        var last = new Option<int>("--last")
        {
            Description = "With --file: only its last N lines.",
            DefaultValueFactory = _ => 100,
        };
        last.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, out var lines) || lines is < 1 or > 1_000_000))
            {
                result.AddError("--last: expected a whole number from 1 to 1000000.");
            }
        });
        var format = new Option<string>("--format")
        {
            Description = "With --file: how the file is framed; auto looks at its first line.",
            DefaultValueFactory = _ => "auto",
        };
        format.AcceptOnlyFromAmong("auto", "cri", "docker", "raw");
        var config = new Option<string?>("--config")
        {
            Description = "With --file: the LogConfig, as NAMESPACE/NAME or NAME; not needed where there is one.",
        };
        var json = new Option<bool>("--json") { Description = "One JSON object a line: each record, each drop, each result." };
        var command = new Command("test", "Show what a LogConfig's rules make of samples, and check it where the samples say what is expected.")
        {
            files, file, last, format, config, json,
        };
        command.SetAction(parse => new TestRun(
            new TestSettings(
                parse.GetValue(files)!,
                parse.GetValue(file),
                parse.GetValue(last),
                Enum.Parse<LogFormat>(parse.GetValue(format)!, ignoreCase: true),
                parse.GetValue(config)),
            parse.GetValue(json) ? new JsonReport(Console.Out) : new TextReport(Console.Out)).Run());
        return command;
    }
}

/// <summary>What the command line asked for.</summary>
internal sealed record TestSettings(IReadOnlyList<string> Files, string? File, int Last, LogFormat Format, string? Config);

using System.CommandLine;
using Tributary.Config;

namespace Tributary.Standalone.Validate;

/// <summary><c>tributary validate</c>: every error of the files at once.</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "YAML files of one configuration; references are checked across all of them.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("validate", "Check configuration files and list every error with file, line and the wrong value.") { files };
        command.SetAction(parse => Run(parse.GetValue(files)!));
        return command;
    }

    private static int Run(string[] files)
    {
        var result = ConfigurationReader.Read(files);
        foreach (var error in result.Errors)
        {
            Console.Error.WriteLine(error);
        }

        if (!result.IsValid)
        {
            Console.Error.WriteLine($"{result.Errors.Count} error{(result.Errors.Count == 1 ? "" : "s")}.");
            return ExitCodes.Invalid;
        }

        var found = result.Documents!;
        Console.Out.WriteLine($"OK: {found.Outputs.Count} output(s), {found.LogConfigs.Count} LogConfig(s).");
        return ExitCodes.Ok;
    }
}

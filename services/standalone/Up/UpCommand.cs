using System.CommandLine;

namespace Tributary.Standalone.Up;

/// <summary><c>tributary up</c>: everything in one process.</summary>
internal static class UpCommand
{
    private const string DefaultFile = "tributary.yaml";

    public static Command Create()
    {
        var config = new Option<string?>("--config")
        {
            Description = $"A {DefaultFile}. Default: ./{DefaultFile} where there is one, else built-in defaults.",
            HelpName = DefaultFile,
        };
        var command = new Command("up", "Run everything in this process: discovery, collector, shipper and an in-memory bus. Ctrl-C drains and ends.") { config };
        command.SetAction((parse, _) =>
        {
            var file = parse.GetValue(config) ?? (File.Exists(DefaultFile) ? DefaultFile : null);
            return new UpRun(file).RunAsync();
        });
        return command;
    }
}

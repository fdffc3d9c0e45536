using System.CommandLine;

namespace Tributary.Standalone.Up;

/// <summary><c>tributary up</c>: everything in one process.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var config = new Option<string?>("--config")
        {
            Description = "A tributary.yaml. Default: ./tributary.yaml where there is one, else built-in defaults.",
        };
        var command = new Command("up", "Run everything in this process: discovery, collector, shipper and an in-memory bus. Ctrl-C drains and ends.") { config };
        command.SetAction((parse, _) => Task.FromResult(ExitCodes.Ok));
        return command;
    }
}

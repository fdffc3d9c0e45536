using System.CommandLine;

namespace Tributary.Standalone.Checkpoints;

/// <summary><c>tributary checkpoints</c>: what the collector remembers of each file.</summary>
internal static class CheckpointsCommand
{
    public static Command Create()
    {
        var state = new Option<string>("--state")
        {
            Description = "The state folder of a node or of `collect`, or the root of a data disk with checkpoints of its own.",
            DefaultValueFactory = _ => "./var/state",
        };
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var command = new Command("checkpoints", "Show up to where each file is delivered. Reads only, beside a running collector too.") { state, json };
        command.SetAction(parse => CheckpointsRun.Run(parse.GetValue(state)!, parse.GetValue(json), Console.Out, Console.Error));
        return command;
    }
}

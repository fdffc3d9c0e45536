using System.CommandLine;
using Tributary.Standalone.Checkpoints;
using Tributary.Standalone.Collect;
using Tributary.Standalone.Spool;
using Tributary.Standalone.Test;
using Tributary.Standalone.Top;
using Tributary.Standalone.Up;
using Tributary.Standalone.Validate;

var root = new RootCommand("Tributary collects the logs of every container on this machine, and loses none.")
{
    UpCommand.Create(),
    ValidateCommand.Create(),
    CollectCommand.Create(),
    TestCommand.Create(),
    CheckpointsCommand.Create(),
    SpoolCommand.Create(),
    TopCommand.Create(),
};

return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

namespace Tributary.Standalone;

/// <summary>What the commands' exit codes mean; the table in docs/exit-codes.md lists them.</summary>
internal static class ExitCodes
{
    /// <summary>Done, or stopped by Ctrl-C or SIGTERM and drained.</summary>
    public const int Ok = 0;

    /// <summary>The command line or a configuration is wrong; nothing was started.</summary>
    public const int Invalid = 1;

    /// <summary>It could not start or go on: a folder in use, a missing library, an address taken.</summary>
    public const int Failed = 2;

    /// <summary>Ended before everything was delivered, and what is left comes at the next start; or a sample did not become what is expected.</summary>
    public const int Incomplete = 3;
}

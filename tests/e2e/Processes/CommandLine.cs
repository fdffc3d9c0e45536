using System.Globalization;
using Tributary.Testing;

namespace Tributary.Tests.E2e.Processes;

/// <summary>The command line <c>tributary</c>, run in a folder as a user would.</summary>
internal static class CommandLine
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static string Dll => BuiltProduct.Dll("Tributary.Standalone", "tributary");

    public static ChildProcess Start(string folder, params IReadOnlyList<string> args) =>
        ChildProcess.Start("dotnet", [Dll, .. args], workingFolder: folder);

    /// <summary>Runs it to its end, which must come within a minute.</summary>
    public static async Task<Finished> RunAsync(string folder, params IReadOnlyList<string> args)
    {
        await using var process = Start(folder, args);
        return await FinishAsync(process);
    }

    public static async Task<Finished> FinishAsync(ChildProcess process)
    {
        var code = await process.WaitForExitAsync(s_patience);
        return new Finished(code, process.Output, process.Errors);
    }

    /// <summary>Without any right of root: as user <c>nobody</c>, from a copy of the program in the user's folder.</summary>
    public static ChildProcess StartAsNobody(NobodysFolder folder, params IReadOnlyList<string> args) =>
        ChildProcess.Start(
            InstalledProgram.Find("setpriv", "util-linux"),
            [
                string.Create(CultureInfo.InvariantCulture, $"--reuid={NobodysFolder.User}"), string.Create(CultureInfo.InvariantCulture, $"--regid={NobodysFolder.User}"),
                "--clear-groups", "--no-new-privs", InstalledProgram.Find("dotnet", "dotnet-sdk-10.0"), folder.CopyOf(Dll), .. args,
            ],
            new Dictionary<string, string?> { ["HOME"] = folder, ["TMPDIR"] = folder },
            folder);

    /// <summary>How a run ended.</summary>
    internal sealed record Finished(int Code, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)
    {
        public override string ToString() => $"exit code {Code}{Environment.NewLine}{string.Join(Environment.NewLine, Output.Concat(Errors))}";
    }
}

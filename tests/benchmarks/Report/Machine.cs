using System.Globalization;
using System.Runtime.InteropServices;
using Tributary.Testing;

namespace Tributary.Benchmarks.Report;

/// <summary>What the figures were measured on. It names no host.</summary>
internal sealed record Machine(string Cpu, int Cores, long MemoryBytes, string Kernel, string Runtime, string Broker, string Rsyslog, string SyslogNg, string Commit)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    internal static async Task<Machine> ReadAsync(string? brokerVersion) => new(
        Value("/proc/cpuinfo", "model name"),
        Environment.ProcessorCount,
        long.Parse(Value("/proc/meminfo", "MemTotal").Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024,
        (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease")).Trim(),
        RuntimeInformation.FrameworkDescription,
        brokerVersion is null ? "not used" : "RabbitMQ " + brokerVersion,
        await RsyslogVersionAsync(),
        SyslogNgVersion(),
        await CommitAsync());

    private static string Value(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } found
            ? found[(found.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            : "unknown";

    private static async Task<string> RsyslogVersionAsync() =>
        InstalledProgram.TryFind("rsyslogd") is { } path
            ? (await ChildProcess.RunAsync(path, ["-v"], s_timeout)).Split(' ', 3, StringSplitOptions.RemoveEmptyEntries)[1]
            : "not installed";

    /// <summary>Of the one that was unpacked; its modules stand in a folder named for it.</summary>
    private static string SyslogNgVersion()
    {
        var folder = Repository.Combine("artifacts", "peers", "syslog-ng", "usr", "lib", "syslog-ng");
        return Directory.Exists(folder) && Directory.GetDirectories(folder) is [var modules, ..] ? Path.GetFileName(modules) : "not used";
    }

    private static async Task<string> CommitAsync()
    {
        var root = Repository.Combine();
        if (InstalledProgram.TryFind("git") is not { } git || !Path.Exists(Repository.Combine(".git")))
        {
            return "unknown";
        }

        var commit = (await ChildProcess.RunAsync(git, ["-C", root, "rev-parse", "--short", "HEAD"], s_timeout)).Trim();
        var changed = await ChildProcess.RunAsync(git, ["-C", root, "status", "--porcelain", "--", "services", "libs"], s_timeout);
        return changed.Length == 0 ? commit : commit + " with changes";
    }
}

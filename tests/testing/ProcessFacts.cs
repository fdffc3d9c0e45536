using System.Globalization;

namespace Tributary.Testing;

/// <summary>What /proc tells about a process. Null where the process has gone.</summary>
public static class ProcessFacts
{
    // USER_HZ: fixed at 100 in the Linux user-space ABI.
    private const double TicksPerSecond = 100;

    /// <summary>User and system time of the process with all its threads; its children not counted.</summary>
    public static TimeSpan? CpuTime(int pid) =>
        Stat(pid) is { } fields
            ? TimeSpan.FromSeconds((Number(fields[11]) + Number(fields[12])) / TicksPerSecond)
            : null;

    /// <summary>Highest resident set so far, in bytes (VmHWM).</summary>
    public static long? PeakRssBytes(int pid)
    {
        foreach (var line in (Read($"/proc/{pid}/status") ?? "").Split('\n'))
        {
            if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
            {
                return Number(line["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal)) * 1024;
            }
        }

        return null;
    }

    /// <summary>Whether it exists and is no zombie.</summary>
    public static bool IsRunning(int pid) => Stat(pid) is { } fields && fields[0] is not ("Z" or "X");

    /// <summary>All process ids of the machine.</summary>
    internal static IEnumerable<int> All() =>
        Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0);

    internal static int? Parent(int pid) => Stat(pid) is { } fields ? (int)Number(fields[1]) : null;

    internal static string CommandLine(int pid) => (Read($"/proc/{pid}/cmdline") ?? "").Replace('\0', ' ');

    internal static string Environment(int pid) => Read($"/proc/{pid}/environ") ?? "";

    // The fields after the command's name, which may hold spaces and brackets: state is 0, parent 1, utime 11, stime 12.
    private static string[]? Stat(int pid)
    {
        var text = Read($"/proc/{pid}/stat");
        return string.IsNullOrEmpty(text) ? null : text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Number(string text) => long.Parse(text.Trim(), CultureInfo.InvariantCulture);
}

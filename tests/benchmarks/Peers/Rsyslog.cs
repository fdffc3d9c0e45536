using System.Diagnostics;
using Tributary.Benchmarks.Runs;
using Tributary.Testing;

namespace Tributary.Benchmarks.Peers;

/// <summary>
/// rsyslog's imfile over the whole file, in a private rsyslogd. For each line it writes one byte, so that its end is seen
/// exactly and its output costs next to nothing; it neither parses the runtime's format nor sends anywhere.
/// </summary>
internal static class Rsyslog
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(10);

    internal static async Task<Measured> RunAsync(BenchFile file)
    {
        var rsyslogd = InstalledProgram.Find("rsyslogd", "rsyslog");
        using var folder = new TempFolder("bench-rsyslog");
        var output = folder.Combine("out");
        var config = folder.Write(
            "rsyslog.conf",
            $$"""
            global(workDirectory="{{folder.MakeFolder("work")}}")
            module(load="imfile" mode="inotify")
            template(name="byte" type="string" string="\n")
            input(type="imfile" file="{{file.Path}}" tag="bench" ruleset="count")
            ruleset(name="count") {
              action(type="omfile" file="{{output}}" template="byte")
            }

            """);
        var start = Stopwatch.GetTimestamp();
        await using var daemon = ChildProcess.Start(rsyslogd, ["-n", "-f", config, "-i", folder.Combine("pid")]);
        try
        {
            await Eventually.TrueAsync(
                () => daemon.HasExited || (File.Exists(output) && new FileInfo(output).Length >= file.Lines), s_timeout, "rsyslog to read the file");
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException(e.Message + daemon.Tail(), e);
        }

        return daemon.HasExited
            ? throw new InvalidOperationException($"rsyslogd ended with exit code {daemon.ExitCode}.{daemon.Tail()}")
            : new Measured(Stopwatch.GetElapsedTime(start).TotalSeconds, daemon.CpuTime.TotalSeconds, daemon.PeakRssBytes);
    }
}

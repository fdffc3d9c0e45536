using System.Diagnostics;
using System.Globalization;
using Tributary.Testing;

namespace Tributary.Benchmarks.Runs;

/// <summary>What following many files costs in which nothing happens: CPU over a fixed time, and memory.</summary>
internal static class IdleFiles
{
    internal const int Files = 10_000;

    private const double ShareMax = 0.02;
    private const long RssBytesMax = 250_000_000;

    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan s_watch = TimeSpan.FromSeconds(20);

    internal static async Task<ProbeResult> RunAsync(BenchFile file)
    {
        using var state = new TempFolder("bench-idle");
        await using var child = ChildProcess.Start(Repository.Combine("tributary"), Collect.Arguments(file, "null:", state));
        await Eventually.TrueAsync(() => child.HasExited || OpenFiles(child.Pid) >= Files, TimeSpan.FromMinutes(2), $"{Files} files to be open");
        if (child.HasExited)
        {
            throw new InvalidOperationException($"tributary collect ended with exit code {child.ExitCode}.{child.Tail()}");
        }

        await Task.Delay(s_settle);
        var before = child.CpuTime;
        var started = Stopwatch.GetTimestamp();
        await Task.Delay(s_watch);
        var share = (child.CpuTime - before) / Stopwatch.GetElapsedTime(started);
        var rss = child.PeakRssBytes;
        return new ProbeResult(
            string.Create(CultureInfo.InvariantCulture, $"{share:P1} of one core over {s_watch.TotalSeconds:0} s, peak RSS {rss / 1e6:0} MB"),
            share < ShareMax && rss < RssBytesMax);
    }

    private static int OpenFiles(int pid)
    {
        try
        {
            return Directory.GetFiles($"/proc/{pid}/fd").Length;
        }
        catch (DirectoryNotFoundException)
        {
            return 0;
        }
    }
}

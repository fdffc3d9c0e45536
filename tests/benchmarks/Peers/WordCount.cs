using System.Globalization;
using Tributary.Benchmarks.Runs;
using Tributary.Testing;

namespace Tributary.Benchmarks.Peers;

/// <summary><c>wc -l</c>: what reading and finding the line ends costs at least.</summary>
internal static class WordCount
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(5);

    internal static async Task<Measured> RunAsync(BenchFile file)
    {
        // bash's own time: wall, user and system seconds of wc alone.
        var output = await ChildProcess.RunAsync(
            "bash", ["-c", "TIMEFORMAT='%R %U %S'; { time wc -l <\"$0\"; } 2>&1", file.Path], s_timeout);
        var rows = output.Split('\n');
        if (rows.Length != 2 || rows[0].Trim() != file.Lines.ToString(CultureInfo.InvariantCulture))
        {
            throw new InvalidOperationException($"wc -l must count {file.Lines} lines: {output}");
        }

        var seconds = rows[1].Split(' ').Select(value => double.Parse(value, CultureInfo.InvariantCulture)).ToArray();
        return new Measured(seconds[0], seconds[1] + seconds[2], PeakRssBytes: null);
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Benchmarks.Runs;

namespace Tributary.Benchmarks.Report;

/// <summary>The measured rows as a table to read and as JSON to compare. MB are 10^6 bytes; a row shows its median run.</summary>
internal sealed class BenchReport(Machine machine, BenchOptions options, Bench bench)
{
    // A tiny file may cost no measurable CPU time: infinity must not end the report.
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    internal string ToMarkdown()
    {
        var text = new StringBuilder();
        if (bench.Rows.Count > 0)
        {
            text.AppendLine("| path | lines | lines per CPU-s | MB per CPU-s | CPU s | peak RSS MB | broker CPU s | must reach | |");
            text.AppendLine("|---|--:|--:|--:|--:|--:|--:|--:|---|");
        }

        foreach (var row in bench.Rows)
        {
            if (row.Failure is not null)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"| {row.Name} | | | | | | | {row.Goal?.Speed:N0} | FAILED: {row.Failure.Split('\n')[0]} |");
                continue;
            }

            var run = row.Median();
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {row.Name} | {row.File.Lines:N0} | {row.LinesPerCpuSecond:N0} | {row.File.Bytes / 1e6 / run.CpuSeconds:N0} | {run.CpuSeconds:0.00} | {run.PeakRssBytes / 1e6:0} | {run.BrokerCpuSeconds:0.00} | {row.Goal?.Speed:N0} | {row.Goal?.Verdict(row)} |");
        }

        if (bench.Probes.Count > 0)
        {
            text.AppendLine().AppendLine("| | measured | must reach | |").AppendLine("|---|---|---|---|");
        }

        foreach (var probe in bench.Probes)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {probe.Name} | {probe.Result!.Found} | {probe.Goal} | {(probe.Result.IsMet ? "met" : "MISSED")} |");
        }

        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Each row is the median of {options.Repetitions} runs, the rows taking turns. CPU time is the whole process's, its start included: the row of the empty file shows that part, and the large files keep it small. Where a speed is demanded, so is a peak RSS under {Goal.PeakRssBytes / 1e6:0} MB. To RabbitMQ means a quorum queue, every batch confirmed, checkpoints on; the broker runs beside on the same cores.");
        text.AppendLine("The peers neither take the runtime's format apart nor join partial lines; to a file they write one byte a line. syslog-ng's AMQP knows no confirms. Wall time is not shown: it says more of the machine's other work than of the program.");
        text.AppendLine();
        foreach (var file in bench.Corpora.Where(file => file.Lines > 0))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- {file.Name}: {file.Lines:N0} lines, {file.Records + file.Dropped:N0} records, {file.Bytes / 1e6:N1} MB{(file.Dropped > 0 ? $"; {file.Dropped:N0} records are to be dropped" : "")}");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"- machine: {machine.Cpu}, {machine.Cores} cores, {machine.MemoryBytes / 1e9:0.0} GB; Linux {machine.Kernel}; {machine.Runtime}; {machine.Broker}; rsyslog {machine.Rsyslog}; syslog-ng {machine.SyslogNg}");
        text.AppendLine(CultureInfo.InvariantCulture, $"- commit: {machine.Commit}");
        return text.ToString();
    }

    /// <summary>Writes <c>yyyy-mm-dd.md</c> and <c>.json</c> over a report of the same day; the path without its ending.</summary>
    internal string Save(string folder, TimeProvider time)
    {
        var day = time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var path = Path.Combine(Directory.CreateDirectory(folder).FullName, day);
        File.WriteAllText(path + ".md", $"# Speed and memory, {day}\n\n{ToMarkdown()}");
        var document = new
        {
            Day = day,
            Machine = machine,
            Files = bench.Corpora.Select(file => new { file.Name, Format = file.Format.ToString(), file.Lines, file.Records, file.Dropped, file.Bytes }),
            Rows = bench.Rows.Where(row => row.Failure is null).Select(row => new
            {
                row.Name,
                row.File.Lines,
                row.File.Bytes,
                LinesPerCpuSecond = Math.Round(row.LinesPerCpuSecond),
                MustReach = row.Goal?.Speed,
                Verdict = row.Goal?.Verdict(row),
                Median = row.Median(),
                row.Runs,
            }),
            Probes = bench.Probes.Select(probe => new { probe.Name, probe.Goal, probe.Result!.Found, probe.Result.IsMet }),
        };
        File.WriteAllText(path + ".json", JsonSerializer.Serialize(document, s_json) + "\n");
        return path;
    }
}

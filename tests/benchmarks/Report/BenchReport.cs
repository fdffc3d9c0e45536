using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Benchmarks.Runs;
using Tributary.Testing;

namespace Tributary.Benchmarks.Report;

/// <summary>The measured rows as a table to read and as JSON to compare. MB are 10^6 bytes; a row shows its median run.</summary>
internal sealed class BenchReport(Machine machine, BenchOptions options, IReadOnlyList<CorpusFile> corpora, IReadOnlyList<BenchRow> rows)
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
        text.AppendLine("| path | lines per CPU-s | MB per CPU-s | MB/s | wall s | CPU s | peak RSS MB | broker CPU s | goal |");
        text.AppendLine("|---|--:|--:|--:|--:|--:|--:|--:|---|");
        foreach (var row in rows)
        {
            var run = row.Median();
            var megabytes = row.File.Bytes / 1e6;
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {row.Name} | {row.File.Lines / run.CpuSeconds:N0} | {megabytes / run.CpuSeconds:N0} | {megabytes / run.WallSeconds:N0} | {run.WallSeconds:0.00} | {run.CpuSeconds:0.00} | {run.PeakRssBytes / 1e6:0} | {run.BrokerCpuSeconds:0.00} | {Goal.Verdict(row)} |");
        }

        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Goal: {Goal.LinesPerCpuSecond:N0} lines per CPU-second to confirmed RabbitMQ under {Goal.PeakRssBytes / 1e6:0} MB. Each row is the median of {options.Repetitions} runs, the rows taking turns.");
        text.AppendLine("wc and rsyslog neither parse the format nor deliver: rsyslog writes one byte a line. The wall time of tributary collect is its own, without the start of the runtime; its CPU time has it.");
        text.AppendLine();
        foreach (var file in corpora)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- {file.Format}: {file.Lines:N0} lines, {file.Records:N0} records, {file.Bytes / 1e6:N1} MB");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"- machine: {machine.Cpu}, {machine.Cores} cores, {machine.MemoryBytes / 1e9:0.0} GB; Linux {machine.Kernel}; {machine.Runtime}; {machine.Broker}; rsyslog {machine.Rsyslog}");
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
            Files = corpora.Select(file => new { Format = file.Format.ToString(), file.Lines, file.Records, file.Bytes }),
            Rows = rows.Select(row => new
            {
                row.Name,
                row.File.Lines,
                row.File.Bytes,
                LinesPerCpuSecond = Math.Round(row.File.Lines / row.Median().CpuSeconds),
                Goal = Goal.Verdict(row),
                Median = row.Median(),
                row.Runs,
            }),
        };
        File.WriteAllText(path + ".json", JsonSerializer.Serialize(document, s_json) + "\n");
        return path;
    }
}

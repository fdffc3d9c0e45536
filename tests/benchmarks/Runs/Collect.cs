using System.Globalization;
using System.Text.Json;
using Tributary.Testing;

namespace Tributary.Benchmarks.Runs;

/// <summary>
/// <c>tributary collect … --until-drained --json</c> over some files with a fresh state. A run that delivers another number
/// of lines or records than it must is an error and no figure.
/// </summary>
internal static class Collect
{
    /// <summary>Something was dropped: no success for a script, and what a rule is for.</summary>
    private const int ExitIncomplete = 3;

    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(10);

    /// <param name="file">What is read.</param>
    /// <param name="compression">As of the command line.</param>
    /// <param name="rules">A file with a LogConfig; null for none.</param>
    /// <param name="cores">Cores it may use, as <c>taskset</c> wants them; null for all.</param>
    internal static async Task<Measured> ToNullAsync(BenchFile file, string compression, string? rules = null, string? cores = null) =>
        Measure(await RunAsync(file, "null:", compression, rules, cores));

    internal static async Task<Measured> ToRabbitMqAsync(BenchFile file, RabbitMq broker, string compression, string? rules = null)
    {
        var queue = Contracts.Topology.DefaultQueue;
        await broker.EmptyAsync(queue);
        var before = broker.CpuTime;
        var accounting = await RunAsync(file, broker.Uri.OriginalString, compression, rules, cores: null);
        var brokerCpu = (broker.CpuTime - before).TotalSeconds;
        var batches = accounting.GetProperty("batches_confirmed").GetInt64();
        await Eventually.TrueAsync(
            async () => await broker.QueueLengthAsync(queue) == batches, TimeSpan.FromSeconds(60), $"the {batches} confirmed batches in {queue}");
        await broker.EmptyAsync(queue);
        return Measure(accounting) with { BrokerCpuSeconds = brokerCpu };
    }

    /// <summary>The arguments before those of one run.</summary>
    internal static string[] Arguments(BenchFile file, string to, string state) =>
        ["collect", file.Path, "--format", file.Format.ToString().ToLower(CultureInfo.InvariantCulture), "--to", to, "--state", state];

    private static async Task<JsonElement> RunAsync(BenchFile file, string to, string compression, string? rules, string? cores)
    {
        using var state = new TempFolder("bench-state");
        string[] args =
        [
            .. Arguments(file, to, state), "--compression", compression, "--until-drained", "--json", .. rules is null ? [] : (string[])["--rules", rules],
        ];
        var tributary = Repository.Combine("tributary");
        await using var child = cores is null
            ? ChildProcess.Start(tributary, args)
            : ChildProcess.Start(InstalledProgram.Find("taskset", "util-linux"), ["-c", cores, tributary, .. args]);
        var code = await child.WaitForExitAsync(s_timeout);
        var output = string.Join('\n', child.Output);
        if (code != 0 && !(code == ExitIncomplete && file.Dropped > 0))
        {
            throw new InvalidOperationException($"tributary collect ended with exit code {code}.{child.Tail()}");
        }

        var accounting = ParseLast(output);
        Check(accounting, "lines", file.Lines, output);
        Check(accounting, "records", file.Records, output);
        Check(accounting, "bytes_read", file.Bytes, output);
        var dropped = accounting.GetProperty("dropped").EnumerateObject().Sum(reason => reason.Value.GetInt64());
        return dropped == file.Dropped
            ? accounting
            : throw new InvalidOperationException($"tributary collect must drop {file.Dropped} records of {file.Name}: {output}");
    }

    private static JsonElement ParseLast(string output)
    {
        var start = output.StartsWith('{') ? 0 : output.IndexOf("\n{", StringComparison.Ordinal) + 1;
        try
        {
            using var json = JsonDocument.Parse(output[start..]);
            return json.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"tributary collect printed no JSON accounting ({e.Message}): {output}", e);
        }
    }

    private static void Check(JsonElement accounting, string name, long expected, string output)
    {
        if (!accounting.TryGetProperty(name, out var value) || value.GetInt64() != expected)
        {
            throw new InvalidOperationException($"tributary collect: {name} must be {expected}: {output}");
        }
    }

    private static Measured Measure(JsonElement accounting) => new(
        accounting.GetProperty("wall_seconds").GetDouble(),
        accounting.GetProperty("cpu_seconds").GetDouble(),
        accounting.GetProperty("peak_rss_bytes").GetInt64());
}

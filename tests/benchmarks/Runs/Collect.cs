using System.Text.Json;
using Tributary.Contracts;
using Tributary.Testing;

namespace Tributary.Benchmarks.Runs;

/// <summary>
/// <c>tributary collect … --until-drained --json</c> over one file with a fresh state. A run that delivers another number of
/// lines or records than the file has, or drops one, is an error and no figure.
/// </summary>
internal static class Collect
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(15);

    internal static async Task<Measured> ToNullAsync(CorpusFile file) => Measure(await RunAsync(file, "null:"));

    internal static async Task<Measured> ToRabbitMqAsync(CorpusFile file, RabbitMq broker)
    {
        await broker.EmptyAsync(Contracts.Topology.DefaultQueue);
        var before = broker.CpuTime;
        var accounting = await RunAsync(file, broker.Uri.OriginalString);
        var brokerCpu = (broker.CpuTime - before).TotalSeconds;
        var batches = accounting.GetProperty("batches_confirmed").GetInt64();
        await Eventually.TrueAsync(
            async () => await broker.QueueLengthAsync(Contracts.Topology.DefaultQueue) == batches,
            TimeSpan.FromSeconds(60),
            $"the {batches} confirmed batches in {Contracts.Topology.DefaultQueue}");
        return Measure(accounting) with { BrokerCpuSeconds = brokerCpu };
    }

    private static async Task<JsonElement> RunAsync(CorpusFile file, string to)
    {
        using var state = new TempFolder("bench-state");
        var output = await ChildProcess.RunAsync(
            Repository.Combine("tributary"),
            ["collect", file.Path, "--format", file.Format == LogFormat.Cri ? "cri" : "docker", "--to", to, "--until-drained", "--json", "--state", state],
            s_timeout);
        var accounting = ParseLast(output);
        Check(accounting, "lines", file.Lines, output);
        Check(accounting, "records", file.Records, output);
        Check(accounting, "bytes_read", file.Bytes, output);
        foreach (var reason in accounting.GetProperty("dropped").EnumerateObject())
        {
            if (reason.Value.GetInt64() != 0)
            {
                throw new InvalidOperationException($"tributary collect dropped records of {file.Format} to {to}: {output}");
            }
        }

        return accounting;
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

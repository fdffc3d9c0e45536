namespace Tributary.Benchmarks.Runs;

/// <summary>A measurement that is no throughput: one line of the second table.</summary>
/// <param name="name">As the table shows it; a filter looks for a part of it.</param>
/// <param name="goal">In words.</param>
/// <param name="run">Measures once.</param>
internal sealed class Probe(string name, string goal, Func<Task<ProbeResult>> run)
{
    internal string Name => name;

    internal string Goal => goal;

    internal ProbeResult? Result { get; private set; }

    internal async Task<ProbeResult> RunAsync()
    {
        try
        {
            return Result = await run();
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            return Result = new ProbeResult("FAILED: " + e.Message.Split('\n')[0], IsMet: false);
        }
    }
}

/// <summary>What a probe found, in words, and whether that is what must be reached.</summary>
internal sealed record ProbeResult(string Found, bool IsMet);

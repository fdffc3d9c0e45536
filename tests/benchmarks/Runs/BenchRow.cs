using Tributary.Testing;

namespace Tributary.Benchmarks.Runs;

/// <summary>One row of the table: a way through one file, and its runs.</summary>
internal sealed class BenchRow(string name, CorpusFile file, bool hasGoal, Func<Task<Measured>> run)
{
    private readonly List<Measured> _runs = [];

    internal string Name => name;

    internal CorpusFile File => file;

    /// <summary>Whether the speed and memory goal is meant for it.</summary>
    internal bool HasGoal => hasGoal;

    internal IReadOnlyList<Measured> Runs => _runs;

    internal async Task<Measured> RunAsync()
    {
        var measured = await run();
        _runs.Add(measured);
        return measured;
    }

    /// <summary>The run in the middle by CPU time: figures of one row belong to one run.</summary>
    internal Measured Median() => _runs.OrderBy(measured => measured.CpuSeconds).ElementAt(_runs.Count / 2);
}

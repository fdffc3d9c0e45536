namespace Tributary.Benchmarks.Runs;

/// <summary>One row of the table: a way through some files, and its runs.</summary>
/// <param name="name">As the table shows it; a filter looks for a part of it.</param>
/// <param name="file">Written when the row is first run.</param>
/// <param name="goal">What it must reach; null where nothing is demanded.</param>
/// <param name="run">One run.</param>
internal sealed class BenchRow(string name, Lazy<BenchFile> file, Goal? goal, Func<BenchFile, Task<Measured>> run)
{
    private readonly List<Measured> _runs = [];

    internal string Name => name;

    internal BenchFile File => file.Value;

    internal Goal? Goal => goal;

    internal IReadOnlyList<Measured> Runs => _runs;

    /// <summary>Of the run in the middle.</summary>
    internal double LinesPerCpuSecond => File.Lines / Median().CpuSeconds;

    /// <summary>Why there is no figure; null when there is one.</summary>
    internal string? Failure { get; private set; }

    /// <summary>A failed run takes the row out of the table of figures, and leaves the others theirs.</summary>
    internal async Task<Measured?> RunAsync()
    {
        if (Failure is not null)
        {
            return null;
        }

        try
        {
            var measured = await run(File);
            _runs.Add(measured);
            return measured;
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            Failure = e.Message;
            return null;
        }
    }

    /// <summary>The run in the middle by CPU time: figures of one row belong to one run.</summary>
    internal Measured Median() => _runs.OrderBy(measured => measured.CpuSeconds).ElementAt(_runs.Count / 2);
}

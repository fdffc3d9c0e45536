using System.Globalization;

namespace Tributary.Benchmarks;

/// <summary>The command line of the benchmark.</summary>
/// <param name="Lines">Lines of the largest files; rows that take longer read a part of it, which the table shows.</param>
/// <param name="Repetitions">Runs of each row; the table shows the median.</param>
/// <param name="Filter">Only rows whose name contains this; null means all.</param>
/// <param name="ResultFolder">Where the report is written; null prints it only.</param>
internal sealed record BenchOptions(long Lines, int Repetitions, string? Filter, string? ResultFolder)
{
    internal const string Usage =
        "usage: bench [--lines N] [--reps N] [--filter TEXT] [--out FOLDER]\n" +
        "       bench --encodings    what carrying a record's identity costs\n" +
        "  A whole run (no --lines, no --filter) is written to tests/benchmarks/results; any other only with --out.";

    private const long DefaultLines = 10_000_000;
    private const int DefaultRepetitions = 3;

    /// <exception cref="FormatException">An unknown option, or a value that is no positive number.</exception>
    internal static BenchOptions Parse(string[] args)
    {
        var options = new BenchOptions(DefaultLines, DefaultRepetitions, null, null);
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : throw new FormatException($"{args[i]} needs a value");
            options = args[i] switch
            {
                "--lines" => options with { Lines = Positive(args[i], value) },
                "--reps" => options with { Repetitions = (int)Positive(args[i], value) },
                "--filter" => options with { Filter = value },
                "--out" => options with { ResultFolder = value },
                _ => throw new FormatException($"there is no option {args[i]}"),
            };
        }

        var whole = options is { Lines: DefaultLines, Filter: null };
        return options.ResultFolder is null && whole
            ? options with { ResultFolder = Repository.Combine("tests", "benchmarks", "results") }
            : options;
    }

    private static long Positive(string option, string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= int.MaxValue
            ? number
            : throw new FormatException($"{option} needs a positive number, not {value}");
}

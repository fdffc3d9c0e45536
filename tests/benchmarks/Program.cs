using Tributary.Benchmarks;
using Tributary.Benchmarks.Encodings;
using Tributary.Benchmarks.Report;

if (args is ["--encodings"])
{
    Console.WriteLine(UidEncodings.Run());
    return 0;
}

BenchOptions options;
try
{
    options = BenchOptions.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine($"bench: {e.Message}{Environment.NewLine}{BenchOptions.Usage}");
    return 2;
}

try
{
    await using var bench = new Bench(options);
    await bench.RunAsync();
    var report = new BenchReport(await Machine.ReadAsync(bench.BrokerVersion), options, bench);
    Console.WriteLine(report.ToMarkdown());
    if (options.ResultFolder is { } folder)
    {
        Console.WriteLine($"written to {report.Save(folder, TimeProvider.System)}");
    }

    return bench.Rows.Any(row => row.Failure is not null) ? 1 : 0;
}
catch (Exception e) when (e is InvalidOperationException or TimeoutException)
{
    Console.Error.WriteLine($"bench: {e.Message}");
    return 1;
}

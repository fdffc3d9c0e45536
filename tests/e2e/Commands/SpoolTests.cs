using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Collector;
using Tributary.Collector.Batching;
using Tributary.Collector.Spooling;
using Tributary.Contracts.Batches;
using Tributary.Testing;
using Tributary.Tests.E2e.Processes;
using Xunit;

namespace Tributary.Tests.E2e.Commands;

public sealed class SpoolTests
{
    [Fact]
    public async Task A_spool_in_use_is_listed_and_shown()
    {
        using var folder = new TempFolder("spool");
        using var metrics = new CollectorMetrics();
        using var spool = new BatchSpool(new CollectorOptions { SpoolPath = folder.Combine("spool") }, metrics, TimeProvider.System, NullLogger<BatchSpool>.Instance);
        spool.Append([Batch("web", 3), Batch("db", 4)]);

        var list = await CommandLine.RunAsync(folder, "spool", "list", "--path", "spool");
        var show = await CommandLine.RunAsync(folder, "spool", "show", "--path", "spool");

        Assert.True(list.Code == 0, list.ToString());
        Assert.Contains("2 batch(es), 7 record(s): web 1, db 1", list.Output[0], StringComparison.Ordinal);
        Assert.True(show.Code == 0, show.ToString());
        Assert.StartsWith("1  web  3 record(s)", show.Output[0], StringComparison.Ordinal);
        Assert.EndsWith("id4:stdout:0-100:4", show.Output[1], StringComparison.Ordinal);
        Assert.StartsWith("2 batch(es), 7 record(s)", show.Output[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_missing_is_an_error()
    {
        using var folder = new TempFolder("spool");

        var run = await CommandLine.RunAsync(folder, "spool", "list", "--path", "absent");

        Assert.True(run.Code == 2, run.ToString());
        Assert.Contains(run.Errors, e => e.Contains("absent", StringComparison.Ordinal));
    }

    private static (SealedBatch, LogBatch) Batch(string target, int records) => (
        new SealedBatch(target, records, 10) { Files = [], SealedAt = 0 },
        LogBatch.Seal(target, "node", records, BatchCodec.None, [new SourceRange("id" + records, "stdout", 0, 100, records)], new byte[10]));
}

using System.Text;
using Tributary.Collector;
using Tributary.Collector.Counting;
using Tributary.Collector.Records;
using Tributary.Contracts.Batches;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Counting;

public sealed class FileCounterTests
{
    [Fact]
    public void Reading_bytes_once_more_after_a_restart_counts_nothing_twice()
    {
        using var metrics = new CollectorMetrics();
        var file = Encoding.ASCII.GetBytes("one\ntwo\nthree\nrest");
        var first = new FileCounter(null, 0, new SourceAccount(metrics));
        first.Consumed(file.AsSpan(0, 8), 0, 2);

        var second = new FileCounter(first.Tally, 4, new SourceAccount(metrics));
        second.Consumed(file.AsSpan(4), 4, 2);

        Assert.Equal(new FileTally { To = file.Length, Crc = Crc32C.Compute(file), Newlines = 3, EndsOpen = true }, second.Tally);
        Assert.Equal(4, second.Tally.Lines);
    }

    [Fact]
    public void A_file_that_is_first_counted_in_its_middle_says_where_from()
    {
        using var metrics = new CollectorMetrics();
        var counter = new FileCounter(null, 100, new SourceAccount(metrics));
        counter.Consumed("a\n"u8, 100, 1);
        Assert.Equal(new FileTally { From = 100, To = 102, Crc = Crc32C.Compute("a\n"u8), Newlines = 1 }, counter.Tally);
    }

    [Fact]
    public void A_hole_that_is_passed_over_counts_as_its_zeros()
    {
        using var metrics = new CollectorMetrics();
        var counter = new FileCounter(null, 0, new SourceAccount(metrics));
        counter.Consumed("a\n"u8, 0, 1);
        counter.Consumed("b\n"u8, 5000, 1);
        byte[] whole = [.. "a\n"u8, .. new byte[4998], .. "b\n"u8];
        Assert.Equal(new FileTally { To = 5002, Crc = Crc32C.Compute(whole), Newlines = 2, Skipped = 4998 }, counter.Tally);
    }

    [Fact]
    public void What_rules_do_to_a_file_is_kept_with_it_and_counted_for_its_source()
    {
        using var metrics = new CollectorMetrics();
        var source = new SourceAccount(metrics);
        var first = new FileCounter(null, 0, source.ForFile());
        var before = new FileTally { To = 10, Dropped = new Dictionary<string, long> { ["noise"] = 3 }, Unparsed = 2 };
        var account = source.ForFile();
        var second = new FileCounter(before, 10, account);
        account.Drop("noise");
        account.Drop("debug", 2);
        account.ParseFailed("json");

        Assert.Null(first.Tally.Dropped);
        Assert.Equal([new("debug", 2), new("noise", 4)], second.Tally.Dropped!.OrderBy(d => d.Key));
        Assert.Equal(3, second.Tally.Unparsed);
        Assert.Equal([new("debug", 2), new("noise", 1)], source.Dropped);
        Assert.Equal(1, source.Unparsed);
    }
}

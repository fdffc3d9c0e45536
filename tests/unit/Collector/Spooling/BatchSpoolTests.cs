using Microsoft.Extensions.Logging;
using Tributary.Collector;
using Tributary.Collector.Batching;
using Tributary.Collector.Spooling;
using Tributary.Contracts.Batches;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Spooling;

public sealed class BatchSpoolTests : IDisposable
{
    private readonly TempFolder _folder = new("spool");
    private readonly CollectorMetrics _metrics = new();
    private readonly CapturedLogs _logs = new();
    private readonly CollectorOptions _options;

    public BatchSpoolTests() => _options = new CollectorOptions { SpoolPath = _folder.Combine("spool"), SpoolBytesMax = 64 * 1024 * 1024 };

    public void Dispose()
    {
        _metrics.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void What_is_appended_is_there_in_order_after_a_restart()
    {
        using (var spool = Open())
        {
            spool.Append([Batch("a", 1), Batch("b", 2)]);
            spool.Append([Batch("a", 3)]);
        }

        using var again = Open();
        Assert.Equal([("a", 1), ("b", 2), ("a", 3)], again.Restored.Select(b => (b.Target, b.Records)));
        Assert.All(again.Restored, b => Assert.True(b is { IsSpooled: true, IsRestored: true, IsConfirmed: false }));
        var read = again.Read(again.Restored[2]);
        using var body = read.Open();
        Assert.Equal(Content(3), body.Span.ToArray());
        Assert.Equal(new SourceRange("id3", "stdout", 3, 4, 3), Assert.Single(read.Sources));
        Assert.Equal(("a", "node", 3), (read.Target, read.Node, read.Records));
    }

    [Fact]
    public void A_segment_goes_with_the_last_of_its_batches()
    {
        _options.SpoolBytesMax = 16 * 1024 * 1024;
        using var spool = Open();
        var batches = Enumerable.Range(1, 9).Select(i => Batch("a", i, 300_000)).ToArray();
        foreach (var batch in batches)
        {
            spool.Append([batch]);
        }

        Assert.Equal(3, Segments().Length);
        spool.Remove(batches[8].Sealed);
        spool.Remove(batches[0].Sealed);
        spool.Remove(batches[1].Sealed);
        spool.Remove(batches[2].Sealed);
        Assert.Equal(3, Segments().Length);
        spool.Remove(batches[3].Sealed);
        Assert.Equal(2, Segments().Length);
        Array.ForEach(batches, b => spool.Remove(b.Sealed));
        Assert.Empty(Segments());
        Assert.Equal(0, spool.Bytes);
        spool.Append([Batch("a", 1)]);
        Assert.Single(Segments());
    }

    [Fact]
    [Trait("Scenario", "R17")]
    public void A_write_that_was_cut_off_at_any_byte_leaves_the_whole_batches_before_it()
    {
        long whole;
        using (var spool = Open())
        {
            spool.Append([Batch("a", 1), Batch("a", 2)]);
            whole = spool.Bytes;
            spool.Append([Batch("a", 3, 64)]);
        }

        var path = Assert.Single(Segments());
        var bytes = File.ReadAllBytes(path);
        for (var length = whole; length < bytes.Length; length++)
        {
            File.WriteAllBytes(path, bytes[..(int)length]);
            using (var spool = Open())
            {
                Assert.Equal([1, 2], spool.Restored.Select(b => b.Records));
                spool.Append([Batch("a", 4)]);
            }

            using (var again = Open())
            {
                Assert.Equal([1, 2, 4], again.Restored.Select(b => b.Records));
                again.Remove(again.Restored[2]);
            }

            Assert.Equal(whole, new FileInfo(path).Length);
        }

        Assert.Equal(bytes.Length - (int)whole - 1, _logs.Of(LogLevel.Warning).Count(w => w.Contains("cut off", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_flipped_bit_ends_what_is_read_of_a_segment()
    {
        using (var spool = Open())
        {
            spool.Append([Batch("a", 1), Batch("a", 2)]);
        }

        var path = Assert.Single(Segments());
        var bytes = File.ReadAllBytes(path);
        bytes[^5] ^= 4;
        File.WriteAllBytes(path, bytes);
        using var again = Open();
        Assert.Equal([1], again.Restored.Select(b => b.Records));
        Assert.Contains(_logs.Of(LogLevel.Warning), w => w.Contains("checksum", StringComparison.Ordinal));
    }

    [Fact]
    public void It_takes_no_more_than_its_bytes()
    {
        _options.SpoolBytesMax = 1024 * 1024;
        using var spool = Open();
        Assert.True(spool.Takes(1000));
        spool.Append([Batch("a", 1, 1024 * 1024 - 2000)]);
        Assert.True(spool.Takes(1000));
        Assert.False(spool.Takes(3000));
    }

    [Fact]
    public void Two_processes_do_not_share_one()
    {
        using var spool = Open();
        Assert.Contains("in use by another process", Assert.Throws<IOException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Scenario", "R21")]
    public void A_full_disk_leaves_what_is_there_and_the_next_write_succeeds_when_there_is_room()
    {
        using (var spool = Open())
        {
            // The next segment leads to a device that is always full.
            var next = Path.Combine(_options.SpoolPath, "spool-0000000000000001.seg");
            File.CreateSymbolicLink(next, "/dev/full");
            Assert.Throws<IOException>(() => spool.Append([Batch("a", 1)]));
            Assert.Equal(0, spool.Count);
            File.Delete(next);
            spool.Append([Batch("a", 1)]);
        }

        using var again = Open();
        Assert.Equal([1], again.Restored.Select(b => b.Records));
    }

    [Fact]
    public void Its_content_can_be_looked_at_while_it_is_used()
    {
        using var spool = Open();
        spool.Append([Batch("a", 1), Batch("b", 2)]);
        var segment = Assert.Single(SpoolContent.Of(_options.SpoolPath));
        Assert.Null(segment.Problem);
        Assert.Equal([(1L, "a", 1), (2L, "b", 2)], segment.Batches.Select(b => (b.Sequence, b.Target, b.Records)));
        Assert.Equal("id2", Assert.Single(segment.Batches[1].Sources).SourceId);
    }

    private BatchSpool Open() => new(_options, _metrics, TimeProvider.System, new Logger<BatchSpool>(new LoggerFactory([_logs])));

    private string[] Segments() => Directory.GetFiles(_options.SpoolPath, "*.seg");

    private static byte[] Content(int records, int length = 10) => [.. Enumerable.Repeat((byte)records, length)];

    private static (SealedBatch Sealed, LogBatch Batch) Batch(string target, int records, int length = 10)
    {
        var batch = LogBatch.Seal(target, "node", records, BatchCodec.None, [new SourceRange("id" + records, "stdout", records, records + 1, records)], Content(records, length));
        return (new SealedBatch(target, records, length) { Files = [], SealedAt = 0 }, batch);
    }
}

using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Collector;
using Tributary.Collector.Feeds;
using Tributary.Collector.Feeds.Kernel;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Feeds;

public sealed class KernelReaderTests : IDisposable
{
    private readonly TempFolder _folder = new("kernel");
    private readonly CollectorMetrics _metrics = new();

    [Theory]
    [InlineData("6,339,5140900,-;NET: Registered protocol family 10", 9, "NET: Registered protocol family 10")]
    [InlineData("2,1,0,c;fire", 18, "fire")]
    [InlineData("30,7,1,-,caller=T1;from user space", 9, "from user space")]
    [InlineData("7,8,1,-;", 5, "")]
    public void A_record_is_taken_apart(string record, int severity, string body)
    {
        var entry = Reader().Parse(Encoding.ASCII.GetBytes(record))!;

        Assert.Equal(severity, entry.SeverityNumber);
        Assert.Equal(body, Encoding.ASCII.GetString(entry.Body));
        Assert.Equal(record.Split(',')[1], entry.Cursor);
    }

    [Fact]
    public void A_dictionary_becomes_attributes_and_escapes_become_bytes()
    {
        var entry = Reader().Parse("6,1,0,-;disk \\xff\\x0aup\n SUBSYSTEM=block\n DEVICE=b8:0\n"u8)!;

        Assert.Equal([.. "disk "u8, 0xff, 0x0a, .. "up"u8], entry.Body);
        Assert.Contains(entry.Attributes, a => Encoding.ASCII.GetString(a.Key) == "kernel.SUBSYSTEM" && Encoding.ASCII.GetString(a.Text) == "block");
        Assert.Contains(entry.Attributes, a => Encoding.ASCII.GetString(a.Key) == "kernel.DEVICE" && Encoding.ASCII.GetString(a.Text) == "b8:0");
    }

    [Theory]
    [InlineData("")]
    [InlineData("6,1,0,-")]
    [InlineData("a,1,0,-;x")]
    [InlineData("6,,0,-;x")]
    [InlineData("6;x")]
    public void What_is_no_record_is_none(string record) => Assert.Null(Reader().Parse(Encoding.ASCII.GetBytes(record)));

    [Fact]
    public async Task What_the_ring_overwrote_is_counted_by_its_numbers()
    {
        var came = new List<FeedEntry>();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var path = await FifoAsync();
        var reading = Task.Run(() => Reader(path).Read("10", 11, e => { came.Add(e); return came.Count < 2; }, stop.Token));
        await using (var ring = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0))
        {
            // A record of the past is passed over; 11 to 13 are not there any more.
            await WriteAsync(ring, "6,10,0,-;before");
            await WriteAsync(ring, "6,14,0,-;after the gap");
            await WriteAsync(ring, "6,15,0,-;next");
            await reading.WaitAsync(TimeSpan.FromSeconds(20));
        }

        Assert.Equal([14L, 15L], came.Select(e => e.Position));
        Assert.Equal(3, _metrics.Total().Dropped["kernel_ring_overrun"]);
    }

    [Fact]
    public void A_ring_that_may_not_be_read_is_told_with_what_to_do()
    {
        var e = Assert.Throws<IOException>(() => Reader("/nonexistent/kmsg").Read(null, 0, _ => true, CancellationToken.None));

        Assert.Contains("CAP_SYSLOG", e.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _folder.Dispose();
    }

    private KernelReader Reader(string path = "/dev/kmsg") =>
        new(new KernelSource { Config = "ops/kernel", Path = path }, _metrics, TimeProvider.System, NullLogger.Instance);

    private async Task<string> FifoAsync()
    {
        var path = _folder.Combine("kmsg");
        await ChildProcess.RunAsync(InstalledProgram.Find("mkfifo", "coreutils"), [path], TimeSpan.FromSeconds(5));
        return path;
    }

    /// <summary>One record a read, as the kernel gives them: the next is written when the pipe was emptied.</summary>
    private static async Task WriteAsync(FileStream ring, string record)
    {
        await ring.WriteAsync(Encoding.ASCII.GetBytes(record));
        await Eventually.TrueAsync(() => PipeState.IsEmpty(ring.SafeFileHandle), TimeSpan.FromSeconds(10), "the record to be read");
    }
}

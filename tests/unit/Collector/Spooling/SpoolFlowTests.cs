using Microsoft.Extensions.Logging;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Spooling;
using Tributary.Collector.Tailing;
using Tributary.Contracts;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Spooling;

public sealed class SpoolFlowTests
{
    private const int Kibi = 1024;

    [Fact]
    [Trait("Scenario", "R37")]
    public async Task With_the_next_hop_away_reading_goes_on_and_rotated_files_are_let_go()
    {
        await using var rig = Rig();
        rig.Publisher.Refuse("default");
        rig.Append("a.log", Lines(0, 1000));
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilAsync(() => rig.Metrics.Total().BytesRead >= 1000 * 501, "the first file to be read");
        File.Move(rig.File("a.log"), rig.File("a.log.1"));
        rig.Append("a.log", Lines(1000, 1000));
        await rig.UntilAsync(() => rig.Metrics.Total().BytesRead >= 2000 * 501 && rig.Tail.Status.OpenFiles == 1, "the rotated file to be closed");
        File.Delete(rig.File("a.log.1"));
        Assert.Empty(rig.Records);
        rig.Publisher.Accept("default");
        await rig.UntilRecordsAsync(2000);
        await rig.UntilAsync(() => Directory.GetFiles(rig.Options.SpoolPath, "*.seg").Length == 0, "an empty spool");
        await rig.ExpectAsync(Texts(0, 2000));
    }

    [Fact]
    [Trait("Scenario", "R17")]
    public async Task What_is_in_the_spool_survives_a_kill_though_its_files_are_gone()
    {
        await using var rig = Rig();
        rig.Publisher.Refuse("default");
        rig.Append("a.log", Lines(0, 2000));
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilAsync(() => rig.Tail.Status.Sources is [{ } s] && s.BytesTotal == 2000 * 501, "everything to be read");
        await rig.UntilAsync(() => IsKept(rig) && Looked(rig) && IsKept(rig), "the spooled mark to be saved");
        await rig.KillAsync();
        File.Delete(rig.File("a.log"));
        rig.Append("a.log", "new\n");
        rig.Start();
        await rig.ExpectAsync([.. Texts(0, 2000), "new"]);
        Assert.Contains(rig.Log.Of(LogLevel.Information), l => l.Contains("wait in the spool", StringComparison.Ordinal));
        AssertInOrder(rig);
    }

    [Theory]
    [Trait("Scenario", "R17")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Nothing_is_lost_however_often_it_is_killed_while_it_spools(int seed)
    {
        var random = new Random(seed);
        await using var rig = Rig();
        rig.Follow("a.log");
        var written = 0;
        for (var round = 0; round < 8; round++)
        {
            if (random.Next(3) > 0)
            {
                rig.Publisher.Refuse("default");
            }

            var count = random.Next(50, 600);
            rig.Append("a.log", Lines(written, count));
            written += count;
            rig.Start();
            var until = random.NextInt64(written * 501L);
            await rig.UntilAsync(() => Open(rig) is [{ AtEnd: true }] || rig.Metrics.Total().BytesRead > until / 4, "some to be read");
            if (random.Next(2) == 0)
            {
                rig.Publisher.Accept("default");
            }

            await rig.KillAsync();
        }

        rig.Start();
        await rig.ExpectWithRepeatsAsync(Texts(0, written));
    }

    [Fact]
    public async Task A_full_spool_stops_reading_and_nothing_is_lost()
    {
        await using var rig = Rig();
        rig.Options.SpoolBytesMax = 1024 * Kibi;
        rig.Publisher.Refuse("default");
        rig.Append("a.log", Lines(0, 6000));
        rig.Follow("a.log");
        rig.Start();
        var read = -1L;
        await rig.UntilAsync(() => rig.Get<BatchSpool>().Bytes > 800 * Kibi, "the spool to fill");
        await rig.UntilAsync(() => rig.Metrics.Total().BytesRead is var now && (now == read, read = now).Item1 && Looked(rig), "reading to stop");
        Assert.InRange(Directory.GetFiles(rig.Options.SpoolPath, "*.seg").Sum(f => new FileInfo(f).Length), 800 * Kibi, 1024 * Kibi);
        Assert.InRange(rig.Tail.Status.LagBytes, 500 * Kibi, 6000 * 501);
        rig.Publisher.Accept("default");
        await rig.ExpectAsync(Texts(0, 6000));
    }

    [Fact]
    [Trait("Scenario", "R21")]
    public async Task A_full_disk_stops_reading_until_there_is_room()
    {
        await using var rig = Rig();
        rig.Publisher.Refuse("default");
        rig.Follow("a.log");
        rig.Start();

        // The first segment leads to a device that is always full.
        var first = Path.Combine(rig.Options.SpoolPath, "spool-0000000000000001.seg");
        File.CreateSymbolicLink(first, "/dev/full");
        rig.Append("a.log", Lines(0, 3000));
        await rig.UntilAsync(() => rig.Log.Of(LogLevel.Error).Any(e => e.Contains("spool cannot be written", StringComparison.Ordinal)), "the full disk to be seen");
        Assert.True(rig.Tail.Status.LagBytes > 0);
        File.Delete(first);
        await rig.UntilAsync(() => rig.Log.Of(LogLevel.Information).Any(e => e.Contains("spool is written again", StringComparison.Ordinal)), "the spool to be written");
        rig.Publisher.Accept("default");
        await rig.ExpectAsync(Texts(0, 3000));
    }

    [Fact]
    public async Task A_target_that_is_refused_spools_alone()
    {
        await using var rig = Rig();
        rig.Publisher.Refuse("bad");
        rig.Append("bad.log", Lines(0, 2000));
        rig.Append("good.log", Lines(0, 2000));
        rig.Follow("bad.log", target: "bad");
        rig.Follow("good.log", target: "good");
        rig.Start();
        await rig.UntilAsync(() => rig.Records.Count == 2000, "the good target's records");
        Assert.All(rig.Records, r => Assert.Equal("good", r.Target));
        rig.Publisher.Accept("bad");
        await rig.UntilAsync(() => rig.Records.Count == 4000, "the refused target's records");
        await rig.StopAsync();
        Assert.Equal(Texts(0, 2000), rig.Records.Where(r => r.Target == "bad").OrderBy(r => r.Offset).Select(r => r.Text));
    }

    [Fact]
    public async Task What_went_by_the_spool_comes_in_order_and_so_does_what_follows()
    {
        await using var rig = Rig();
        rig.Publisher.Hold = true;
        rig.Append("a.log", Lines(0, 2000));
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilAsync(() => rig.Metrics.Total().BytesRead == 2000 * 501 && IsKept(rig), "everything to be spooled");
        Assert.Equal(2, rig.Publisher.AttemptCount);
        rig.Append("a.log", Lines(2000, 500));
        rig.Publisher.Hold = false;
        rig.Publisher.Confirm(_ => true);
        rig.Append("a.log", Lines(2500, 500));
        await rig.ExpectAsync(Texts(0, 3000));
        AssertInOrder(rig);
    }

    [Fact]
    public async Task A_source_that_ends_is_finished_when_the_spool_is_confirmed_and_not_before()
    {
        await using var rig = Rig();
        rig.Options.CloseAfterQuiet = TimeSpan.FromMilliseconds(20);
        rig.Publisher.Refuse("default");
        rig.Append("a.log", Lines(0, 2000));
        rig.Follow("a.log", also: s => s with { Growing = false });
        rig.Start();
        await rig.UntilAsync(() => rig.Metrics.Total().BytesRead == 2000 * 501 && IsKept(rig) && Looked(rig) && IsKept(rig), "everything to be spooled");
        await rig.KillAsync();
        rig.Publisher.Refuse("default");
        rig.Start();
        await LooksAsync(rig, 20);
        Assert.NotEqual(SourceState.Drained, Assert.Single(rig.Tail.Status.Sources).State);
        rig.Publisher.Accept("default");
        await rig.UntilAsync(() => rig.Tail.Status.Sources is [{ State: SourceState.Drained }], "the source to be finished");
        Assert.Equal(Texts(0, 2000), rig.Records.OrderBy(r => r.Offset).Select(r => r.Text));
    }

    private static CollectorRig Rig()
    {
        var rig = new CollectorRig();
        rig.Options.BatchBytesMax = 64 * Kibi;
        rig.Options.WindowBatchesPerTarget = 2;
        rig.Options.SpoolAfter = TimeSpan.FromMilliseconds(20);
        rig.UseSpool();
        return rig;
    }

    /// <summary>Whether a restart would read nothing again.</summary>
    private static bool IsKept(CollectorRig rig) => Open(rig).All(f => f.AllKept) && rig.Get<Checkpointer>().IsClean;

    /// <summary>The open files; the loop may be opening one just now.</summary>
    private static TailedFile[] Open(CollectorRig rig)
    {
        try
        {
            return [.. rig.Get<FileAdmission>().All];
        }
        catch (InvalidOperationException)
        {
            return [];
        }
    }

    private static void AssertInOrder(CollectorRig rig)
    {
        foreach (var source in rig.Records.GroupBy(r => r.SourceId))
        {
            var offsets = source.Select(r => r.Offset).ToArray();
            Assert.Equal(offsets.Order(), offsets);
        }
    }

    private static bool Looked(CollectorRig rig)
    {
        var status = rig.Tail.Status;
        return SpinWait.SpinUntil(() => !ReferenceEquals(status, rig.Tail.Status), CollectorRig.Patience);
    }

    private static async Task LooksAsync(CollectorRig rig, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            var status = rig.Tail.Status;
            await rig.UntilAsync(() => !ReferenceEquals(status, rig.Tail.Status), "another look");
        }
    }

    private static string[] Texts(int first, int count) => [.. Enumerable.Range(first, count).Select(i => LogLines.Text(i, 500))];

    private static string Lines(int first, int count) => string.Concat(Texts(first, count).Select(t => t + "\n"));
}

using Xunit;

namespace Tributary.Tests.Unit.Collector.Tailing;

/// <summary>Files that are written anew in place: told by their content, whatever their size says.</summary>
public sealed class RewrittenTests
{
    [Theory]
    [Trait("Scenario", "R06")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(50)]
    public async Task A_file_that_was_truncated_and_grew_past_the_old_position_between_two_looks_is_read_from_its_start(int more)
    {
        await using var rig = new CollectorRig();
        string[] first = [.. Enumerable.Range(0, 20).Select(i => $"first {i:00}")];
        string[] second = [.. Enumerable.Range(0, 20 + more).Select(i => $"secon {i:00}")];
        rig.Append("a.log", Lines(first));
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(first.Length);

        // One write, so that no look can see it smaller.
        Overwrite(rig.File("a.log"), Lines(second));
        await rig.UntilRecordsAsync(first.Length + second.Length);
        await rig.RestartAsync();
        rig.Append("a.log", "third\n");
        await rig.ExpectAsync([.. first, .. second, "third"]);
        Assert.Equal(2, rig.Records.Select(r => r.SourceId).Distinct().Count());
    }

    [Theory]
    [Trait("Scenario", "R08")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_grew_past_the_old_position_while_down_with_an_equal_beginning_is_read_from_its_start(bool killed)
    {
        await using var rig = new CollectorRig();
        var head = new string('=', 3000);
        rig.Append("a.log", head + "\nfirst\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(2);
        await rig.UntilAsync(() => rig.IsSaved, "the checkpoint");
        await (killed ? rig.KillAsync() : rig.StopAsync());
        Overwrite(rig.File("a.log"), head + "\nother\nand more\n");
        rig.Start();
        await rig.UntilRecordsAsync(5);
        await rig.StopAsync();
        Assert.Equal([head, "first", head, "other", "and more"], rig.Records.DistinctBy(r => r.Uid).Select(r => r.Text));
        Assert.Equal(2, rig.Records.Select(r => r.SourceId).Distinct().Count());
    }

    [Fact]
    public async Task A_file_whose_times_alone_change_is_not_read_again()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", "1\n2\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(2);
        File.SetLastWriteTimeUtc(rig.File("a.log"), new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var status = rig.Tail.Status;
        await rig.UntilAsync(() => !ReferenceEquals(status, rig.Tail.Status), "a look");
        rig.Append("a.log", "3\n");
        await rig.ExpectAsync("1", "2", "3");
    }

    [Theory]
    [Trait("Scenario", "R06")]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task Only_what_was_not_read_comes_from_the_copy_that_copytruncate_made(bool readRotated, bool down)
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", "1\n2\n");
        rig.Follow("a.log", also: s => s with { ReadRotated = readRotated });
        rig.Start();
        await rig.UntilRecordsAsync(2);
        await rig.UntilAsync(() => rig.IsSaved, "the checkpoint");
        if (down)
        {
            await rig.StopAsync();
        }
        else
        {
            // The window is full, so what follows is unread when the file is cut.
            rig.Options.WindowBatchesPerTarget = 1;
            rig.Publisher.Hold = true;
            rig.Append("a.log", "3\n");
            await rig.UntilRecordsAsync(3);
        }

        rig.Append("a.log", down ? "3\n4\n5\n" : "4\n5\n");
        File.Copy(rig.File("a.log"), rig.File("a.log.1"));
        Overwrite(rig.File("a.log"), "6\n");
        if (down)
        {
            rig.Start();
        }

        await rig.UntilAsync(() => rig.Tail.Status.OpenFiles == 2, "the copy to be found");
        rig.Publisher.Hold = false;
        rig.Publisher.Confirm(_ => true);
        await rig.UntilRecordsAsync(6);
        await rig.UntilAsync(() => rig.Tail.Status is { OpenFiles: 1, LagBytes: 0 }, "the copy to be closed");
        await rig.RestartAsync();
        rig.Append("a.log", "7\n");
        await rig.ExpectAsync("1", "2", "3", "4", "5", "6", "7");
        Assert.Equal(2, rig.Records.Select(r => r.SourceId).Distinct().Count());
    }

    [Fact]
    [Trait("Scenario", "R07")]
    public async Task The_hole_that_a_writer_leaves_which_keeps_its_offset_is_passed_over_and_counted()
    {
        await using var rig = new CollectorRig();
        using var skipped = new MeterCount(rig, "tributary.collector.skipped_nul");
        rig.Follow("a.log", Tributary.Contracts.LogFormat.Auto);
        rig.Start();
        skipped.Listen();
        using var writer = new FileStream(rig.File("a.log"), FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        writer.Write("1\n"u8);
        writer.Flush();
        await rig.UntilRecordsAsync(1);

        // A sparse terabyte: read through, it would take hours.
        var far = 1L << 40;
        writer.SetLength(0);
        writer.Position = far;
        writer.Write("2\n3\n"u8);
        writer.Flush();
        await rig.UntilRecordsAsync(3);
        await rig.RestartAsync();
        writer.Write("4\n"u8);
        writer.Flush();
        await rig.ExpectAsync("1", "2", "3", "4");
        Assert.Equal(far, skipped.Sum);
    }

    private static string Lines(IEnumerable<string> lines) => string.Concat(lines.Select(l => l + "\n"));

    private static void Overwrite(string path, string text)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Write(System.Text.Encoding.Latin1.GetBytes(text));
        file.SetLength(text.Length);
    }
}

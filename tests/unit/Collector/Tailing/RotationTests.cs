using Tributary.Contracts;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Tailing;

public sealed class RotationTests
{
    [Fact]
    [Trait("Scenario", "R01")]
    public async Task A_renamed_file_is_read_to_its_end_and_the_new_one_too()
    {
        await using var rig = new CollectorRig();
        rig.Publisher.Hold = true;
        rig.Options.WindowBatchesPerTarget = 1;
        rig.Append("a.log", "1\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(1);

        // The window is full, so this is unread when the file is renamed.
        rig.Append("a.log", "2\n3\n");
        File.Move(rig.File("a.log"), rig.File("a.log.1"));
        rig.Append("a.log", "4\n");
        rig.Publisher.Hold = false;
        rig.Publisher.Confirm(_ => true);
        await rig.UntilRecordsAsync(4);
        rig.Append("a.log", "5\n");
        await rig.ExpectAsync("1", "2", "3", "4", "5");
        Assert.Equal(2, rig.Records.Select(r => r.SourceId).Distinct().Count());
        Assert.All(rig.Records, r => Assert.Equal(rig.File("a.log"), r.Path));
    }

    [Fact]
    [Trait("Scenario", "R02")]
    public async Task What_the_writer_still_adds_to_the_renamed_file_comes()
    {
        await using var rig = new CollectorRig();
        rig.Options.CloseAfterQuiet = TimeSpan.FromSeconds(60);
        rig.Append("a.log", "1\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(1);
        File.Move(rig.File("a.log"), rig.File("a.log.1"));
        rig.Append("a.log", "2\n");
        await rig.UntilRecordsAsync(2);
        rig.Append("a.log.1", "3\n4");
        await rig.UntilRecordsAsync(3);
        rig.Append("a.log.1", "5\n");
        await rig.ExpectAsync("1", "2", "3", "45");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_came_and_went_between_two_looks_is_read(bool readRotated)
    {
        await using var rig = new CollectorRig();
        rig.Options.RescanInterval = TimeSpan.FromMilliseconds(300);
        rig.Append("a.log", "1\n");
        rig.Follow("a.log", also: s => s with { ReadRotated = readRotated });
        rig.Start();
        await rig.UntilRecordsAsync(1);
        for (var i = 2; i <= 4; i++)
        {
            Shift(rig, "a.log", 5);
            rig.Append("a.log", $"{i}\n");
        }

        await rig.ExpectAsync("1", "2", "3", "4");
        Assert.Equal(["1", "2", "3", "4"], rig.Records.Select(r => r.Text));
    }

    [Theory]
    [InlineData(true, 200)]
    [InlineData(false, 500)]
    public async Task A_fast_rotation_loses_no_file_however_it_falls_between_the_looks(bool numbered, int rotations)
    {
        await using var rig = new CollectorRig();
        rig.Options.CloseAfterQuiet = TimeSpan.FromMilliseconds(50);
        rig.Options.RescanInterval = TimeSpan.FromMilliseconds(1);
        rig.Follow("a.log", also: s => s with { ReadRotated = true });
        rig.Start();
        string[] texts = [.. Enumerable.Range(0, rotations).Select(i => $"line {i}")];
        for (var i = 0; i < rotations; i++)
        {
            rig.Append("a.log", texts[i] + "\n");
            if (numbered)
            {
                Shift(rig, "a.log", rotations);
            }
            else
            {
                File.Move(rig.File("a.log"), rig.File($"a.log.20261121-{i:000000}"));
            }
        }

        rig.Append("a.log", "end\n");
        await rig.ExpectAsync([.. texts, "end"]);
    }

    [Fact]
    public async Task Older_rotations_of_a_host_file_are_not_its_own()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log.1", "old\n");
        rig.Append("a.log", "1\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(1);
        Shift(rig, "a.log", 5);
        rig.Append("a.log", "2\n");
        await rig.ExpectAsync("1", "2");
    }

    [Theory]
    [InlineData(".2", ".1")]
    [InlineData(".20261121-100000", ".20261121-110000")]
    public async Task Rotations_made_while_down_are_read_first_and_from_where_it_was(string older, string newer)
    {
        await using var rig = new CollectorRig();
        rig.Append("0.log", LogLines.Cri("1") + LogLines.Cri("2"));
        rig.Follow("0.log", LogFormat.Cri, also: s => s with { ReadRotated = true });
        rig.Start();
        await rig.UntilRecordsAsync(2);
        await rig.StopAsync();
        rig.Append("0.log", LogLines.Cri("3"));
        File.Move(rig.File("0.log"), rig.File("0.log" + older));
        rig.Append("0.log" + newer, LogLines.Cri("4"));
        rig.Append("0.log", LogLines.Cri("5"));
        rig.Append("0.log.9.gz", "compressed");
        rig.Start();
        await rig.ExpectAsync("1", "2", "3", "4", "5");
        Assert.Equal(["1", "2", "3", "4", "5"], rig.Records.Select(r => r.Text));
    }

    [Theory]
    [InlineData("a.log.1")]
    [InlineData("a.log-20261121")]
    [InlineData("other")]
    public async Task The_rest_of_a_file_that_was_renamed_while_down_comes(string name)
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", "1\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(1);
        await rig.StopAsync();
        rig.Append("a.log", "2\n");
        File.Move(rig.File("a.log"), rig.File(name));
        rig.Append("a.log", "3\n");
        rig.Append("a.log.7", "never followed\n");
        rig.Start();
        await rig.ExpectAsync("1", "2", "3");
        Assert.Equal(2, rig.Records.Select(r => r.SourceId).Distinct().Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_was_rotated_away_and_has_no_successor_is_read(bool growing)
    {
        await using var rig = new CollectorRig();
        rig.Options.CloseAfterQuiet = TimeSpan.Zero;
        rig.Append("a.log.1", "1\n");
        rig.Append("b.log", "2\n");
        var known = rig.Follow("b.log");
        rig.Follow("a.log", also: s => s with { ReadRotated = true, Growing = growing });
        rig.Start();
        await rig.UntilRecordsAsync(2);
        Assert.Empty(rig.Metrics.Total().Dropped);
        await rig.StopAsync();
        rig.Append("b.log", "3\n");
        File.Move(rig.File("b.log"), rig.File("b.old"));
        rig.Follow(known with { Growing = growing });
        rig.Start();
        await rig.UntilRecordsAsync(3);
        await rig.UntilAsync(() => growing || rig.Tail.Drained.IsCompleted, "the end");
        await rig.ExpectAsync("1", "2", "3");
    }

    [Fact]
    [Trait("Scenario", "R04")]
    public async Task A_finished_rotation_is_not_read_again_after_a_restart()
    {
        await using var rig = new CollectorRig();
        rig.Options.CloseAfterQuiet = TimeSpan.Zero;
        rig.Append("a.log.1", "1\n");
        rig.Append("a.log", "2\n");
        rig.Follow("a.log", also: s => s with { ReadRotated = true });
        for (var i = 0; i < 3; i++)
        {
            rig.Start();
            await rig.UntilRecordsAsync(2);
            await rig.UntilAsync(() => rig.Tail.Status is { OpenFiles: 1, LagBytes: 0 }, "the rotation to be closed");
            await rig.StopAsync();
        }

        rig.Start();
        rig.Append("a.log", "3\n");
        await rig.ExpectAsync("1", "2", "3");
    }

    [Fact]
    public async Task A_truncated_file_is_read_again_from_the_start_under_another_id()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", "first\nsecond\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(2);
        await rig.UntilAsync(() => rig.Tail.Status is { LagBytes: 0, Sources.Count: 1 }, "no lag");
        File.WriteAllText(rig.File("a.log"), "third\n");
        await rig.UntilRecordsAsync(3);
        await rig.RestartAsync();
        rig.Append("a.log", "fourth\n");
        await rig.ExpectAsync("first", "second", "third", "fourth");
        Assert.Equal(2, rig.Records.Select(r => r.SourceId).Distinct().Count());
    }

    [Fact]
    public async Task A_truncated_file_of_two_targets_gets_another_id_for_both()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", "first\nsecond\n");
        rig.Follow("a.log", target: "x");
        rig.Follow("a.log", target: "y");
        rig.Start();
        await rig.UntilAsync(() => rig.Records.Count == 4, "both");
        File.WriteAllText(rig.File("a.log"), "third\n");
        await rig.UntilAsync(() => rig.Records.Count == 6, "both again");
        await rig.StopAsync();
        Assert.All(rig.Records.GroupBy(r => r.Uid), twins => Assert.Single(twins.Select(r => r.Text).Distinct()));
        Assert.Equal(["first", "first", "second", "second", "third", "third"], rig.Records.Select(r => r.Text).Order());
    }

    [Fact]
    public async Task A_file_that_was_truncated_while_down_is_read_from_the_start_under_another_id()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", "first\nsecond\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(2);
        await rig.StopAsync();
        File.WriteAllText(rig.File("a.log"), "third\n");
        rig.Start();
        await rig.ExpectAsync("first", "second", "third");
    }

    [Fact]
    public async Task A_deleted_file_is_read_to_its_end()
    {
        await using var rig = new CollectorRig();
        rig.Publisher.Hold = true;
        rig.Options.WindowBatchesPerTarget = 1;
        rig.Append("a.log", "1\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(1);
        rig.Append("a.log", "2\n3");
        File.Delete(rig.File("a.log"));
        await rig.UntilAsync(() => rig.Tail.Status.LagBytes >= 3, "the loop to see what is left");
        rig.Publisher.Hold = false;
        rig.Publisher.Confirm(_ => true);
        await rig.ExpectAsync("1", "2", "3");
    }

    [Fact]
    [Trait("Scenario", "R13")]
    public async Task A_file_that_is_deleted_and_made_again_is_another_file()
    {
        await using var rig = new CollectorRig();
        rig.Follow("a.log");
        rig.Start();
        string[] texts = [.. Enumerable.Range(0, 5).Select(i => $"line {i}")];
        for (var i = 0; i < texts.Length; i++)
        {
            rig.Append("a.log", texts[i] + "\n");
            await rig.UntilRecordsAsync(i + 1);
            File.Delete(rig.File("a.log"));
        }

        await rig.ExpectAsync(texts);
        Assert.Equal(texts.Length, rig.Records.Select(r => r.SourceId).Distinct().Count());
    }

    [Fact]
    [Trait("Scenario", "R10")]
    public async Task Another_file_that_got_the_inode_while_down_is_read_from_its_start()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", "first\n");
        rig.Follow("a.log", target: "x");
        rig.Follow("a.log", target: "y");
        rig.Start();
        await rig.UntilAsync(() => rig.Records.Count == 2, "both");
        await rig.StopAsync();

        // In place, so the inode is certainly the same, with other content and a greater size.
        File.WriteAllText(rig.File("a.log"), "other content, longer\nthan before\n");
        rig.Start();
        await rig.UntilAsync(() => rig.Records.Count == 6, "all of the new content");
        await rig.StopAsync();
        Assert.All(rig.Records.GroupBy(r => r.Uid), twins => Assert.Single(twins.Select(r => r.Text).Distinct()));
        Assert.Equal(2, rig.Records.Count(r => r.Text == "than before"));
    }

    [Fact]
    public async Task Another_sources_file_with_the_inode_of_a_file_that_was_read_is_not_its_rotation()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", "first\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(1);
        await rig.StopAsync();
        File.Move(rig.File("a.log"), rig.File("b.log"));
        File.WriteAllText(rig.File("b.log"), "of another source\n");
        rig.Append("a.log", "second\n");
        rig.Follow("b.log");
        rig.Start();
        await rig.ExpectAsync("first", "second", "of another source");
        Assert.Equal(rig.File("b.log"), Assert.Single(rig.Records, r => r.Text == "of another source").Path);
    }

    [Fact]
    [Trait("Scenario", "R26")]
    public async Task A_link_that_is_pointed_elsewhere_is_a_rotation()
    {
        await using var rig = new CollectorRig();
        rig.Append("real1.log", "1\n");
        rig.Append("real2.log", "3\n");
        File.CreateSymbolicLink(rig.File("link"), rig.File("real1.log"));
        rig.Follow("link");
        rig.Start();
        await rig.UntilRecordsAsync(1);
        rig.Append("real1.log", "2\n");
        File.CreateSymbolicLink(rig.File("link.new"), rig.File("real2.log"));
        File.Move(rig.File("link.new"), rig.File("link"), overwrite: true);
        await rig.UntilRecordsAsync(3);
        rig.Append("real2.log", "4\n");
        await rig.ExpectAsync("1", "2", "3", "4");
        Assert.All(rig.Records, r => Assert.Equal(rig.File("link"), r.Path));
    }

    [Fact]
    [Trait("Scenario", "R26")]
    public async Task A_link_that_is_pointed_away_and_back_goes_on_with_the_same_file()
    {
        await using var rig = new CollectorRig();
        rig.Options.CloseAfterQuiet = TimeSpan.FromSeconds(60);
        rig.Append("real.log", "1\n");
        File.CreateSymbolicLink(rig.File("link"), rig.File("real.log"));
        rig.Follow("link");
        rig.Start();
        await rig.UntilRecordsAsync(1);
        File.Delete(rig.File("link"));
        await rig.UntilAsync(() => rig.Tail.Status.Sources.Count == 1, "a look");
        var stop = rig.Tail.Status;
        await rig.UntilAsync(() => !ReferenceEquals(stop, rig.Tail.Status), "another look");
        File.CreateSymbolicLink(rig.File("link"), rig.File("real.log"));
        rig.Follow("link", also: s => s with { Growing = false });
        rig.Append("real.log", "2\n");
        await rig.ExpectAsync("1", "2");
        Assert.Empty(rig.Log.Of(Microsoft.Extensions.Logging.LogLevel.Warning));
    }

    [Fact]
    public async Task Two_targets_read_one_file_with_the_same_uids()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", LogLines.Cri("out") + LogLines.Cri("err", "stderr"));
        rig.Follow("a.log", LogFormat.Cri, "all");
        rig.Follow("a.log", LogFormat.Cri, "errors", s => s with { Stdout = false });
        rig.Start();
        await rig.UntilAsync(() => rig.Records.Count == 3, "the records of both");
        await rig.RestartAsync();
        rig.Append("a.log", LogLines.Cri("err2", "stderr"));
        await rig.UntilAsync(() => rig.Records.Count == 5, "the records of both");
        await rig.StopAsync();
        Assert.Single(rig.Records.Select(r => r.SourceId).Distinct());
        Assert.Equal(["err", "err2", "out"], rig.Records.Where(r => r.Target == "all").Select(r => r.Text).Order());
        Assert.Equal(["err", "err2"], rig.Records.Where(r => r.Target == "errors").Select(r => r.Text).Order());
    }

    [Fact]
    public async Task One_file_under_two_names_is_read_once_and_by_the_other_when_the_first_goes()
    {
        await using var rig = new CollectorRig();
        rig.Options.CloseAfterQuiet = TimeSpan.Zero;
        rig.Append("a.log", "1\n");
        File.CreateSymbolicLink(rig.File("b.log"), rig.File("a.log"));
        var first = rig.Follow("a.log");
        rig.Follow("b.log");
        rig.Start();
        await rig.UntilRecordsAsync(1);
        await rig.UntilAsync(() => rig.Log.Of(Microsoft.Extensions.Logging.LogLevel.Warning).Length == 1, "the report");
        rig.Tail.Remove(first);
        await rig.UntilAsync(() => rig.Tail.Status.Sources.Count == 1 && rig.Tail.Status.OpenFiles == 1, "the hand-over");
        rig.Append("a.log", "2\n");
        await rig.ExpectAsync("1", "2");
        Assert.Single(rig.Log.Of(Microsoft.Extensions.Logging.LogLevel.Warning));
    }

    [Fact]
    public async Task A_finished_source_that_comes_back_misses_no_rotation()
    {
        await using var rig = new CollectorRig();
        rig.Options.CloseAfterQuiet = TimeSpan.Zero;
        var ended = rig.Follow("a.log", also: s => s with { ReadRotated = true, Growing = false });
        rig.Append("a.log", "1\n");
        rig.Start();
        await rig.UntilAsync(() => rig.Tail.Status.Sources is [{ State: Tributary.Contracts.SourceState.Drained }], "the end");
        rig.Append("a.log", "2\n");
        Shift(rig, "a.log", 3);
        rig.Append("a.log", "3\n");
        Shift(rig, "a.log", 3);
        rig.Append("a.log", "4\n");
        rig.Follow(ended with { Growing = true });
        await rig.ExpectAsync("1", "2", "3", "4");
    }

    [Fact]
    public async Task A_host_file_rotated_twice_while_down_loses_nothing_between()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", "1\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(1);
        await rig.StopAsync();
        for (var i = 2; i <= 3; i++)
        {
            Shift(rig, "a.log", 5);
            rig.Append("a.log", $"{i}\n");
        }

        rig.Start();
        await rig.ExpectAsync("1", "2", "3");
    }

    /// <summary>As logrotate and json-file do it.</summary>
    private static void Shift(CollectorRig rig, string name, int keep)
    {
        for (var i = keep; i > 1; i--)
        {
            if (File.Exists(rig.File($"{name}.{i - 1}")))
            {
                File.Move(rig.File($"{name}.{i - 1}"), rig.File($"{name}.{i}"), overwrite: true);
            }
        }

        File.Move(rig.File(name), rig.File($"{name}.1"));
    }
}

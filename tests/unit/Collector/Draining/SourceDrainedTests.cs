using System.Collections.Concurrent;
using System.Globalization;
using Tributary.Collector.Tailing;
using Tributary.Contracts;
using Tributary.Contracts.Batches;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Draining;

public sealed class SourceDrainedTests
{
    private readonly ConcurrentQueue<SourceDrained> _told = new();

    [Fact]
    public async Task A_source_that_ended_is_told_of_with_what_the_archiver_can_compute_from_each_of_its_files()
    {
        await using var rig = Rig();
        rig.Follow("c.log", LogFormat.Cri, also: s => s with { ReadRotated = true, ContainerId = "c1", Name = "stdout", Config = "shop/web", ConfigVersion = "7" });
        rig.Start();
        rig.Append("c.log", LogLines.Cri("one", at: 1) + LogLines.Cri("two", "stderr", at: 2));
        await rig.UntilRecordsAsync(2);
        File.Move(rig.File("c.log"), rig.File("c.log.1"));
        rig.Append("c.log", LogLines.Cri("thr", partial: true, at: 3) + LogLines.Cri("ee", at: 4) + LogLines.Cri("four", at: 5)[..^1]);
        await rig.UntilRecordsAsync(3);
        End(rig);
        await ToldAsync(rig, 1);
        await rig.StopAsync();

        var told = Assert.Single(_told);
        Assert.Equal(("test-node", "c1", "stdout", rig.File("c.log"), "default", "shop/web", "7"), (told.Node, told.ContainerId, told.Source, told.Path, told.Target, told.Config, told.ConfigVersion));
        Assert.Null(told.Problem);
        Assert.Collection(
            told.Files,
            f => AssertFile(f, rig.File("c.log.1"), lines: 2, records: 2, firstSecond: 1, lastSecond: 2),
            f => AssertFile(f, rig.File("c.log"), lines: 3, records: 2, firstSecond: 3, lastSecond: 5));
    }

    [Fact]
    public async Task Nothing_is_told_before_every_batch_is_confirmed()
    {
        await using var rig = Rig();
        rig.Publisher.Hold = true;
        rig.Append("a.log", "one\n");
        rig.Follow("a.log", also: s => s with { Growing = false });
        rig.Start();
        await rig.UntilAsync(() => rig.Publisher.Held.Length == 1, "the batch");
        var status = rig.Tail.Status;
        await rig.UntilAsync(() => rig.Tail.Status.Sources is [{ State: SourceState.Draining, LagBytes: 4 }] && !ReferenceEquals(status, rig.Tail.Status), "a look");
        Assert.Empty(_told);

        rig.Publisher.Confirm(_ => true);
        await ToldAsync(rig, 1);
        Assert.Equal(4, Assert.Single(Assert.Single(_told).Files).FinalOffset);
    }

    [Fact]
    public async Task A_kill_between_the_drain_and_the_confirm_repeats_the_message_with_its_id()
    {
        await using var rig = Rig();
        var dead = false;
        rig.Tell = (message, stopping) =>
        {
            _told.Enqueue(message);
            return dead ? Task.CompletedTask : Task.Delay(Timeout.Infinite, stopping);
        };
        rig.Append("a.log", "one\ntwo\n");
        rig.Follow("a.log", also: s => s with { Growing = false });
        rig.Start();
        await ToldAsync(rig, 1);
        await rig.KillAsync();

        // Its container was removed meanwhile: nobody names it any more, and its file is gone.
        File.Delete(rig.File("a.log"));
        rig.ForgetSources();
        dead = true;
        rig.Start();
        await ToldAsync(rig, 2);
        await rig.StopAsync();
        var told = _told.ToArray();
        Assert.Equal(told[0].Id, told[1].Id);
        Assert.Equal(told[0].Files.Single(), told[1].Files.Single() with { Dropped = told[0].Files.Single().Dropped });
    }

    [Fact]
    public async Task A_source_that_was_being_drained_when_killed_is_drained_though_nobody_names_it_any_more()
    {
        await using var rig = Rig();
        rig.Publisher.Hold = true;
        rig.Append("a.log", "one\ntwo\n");
        rig.Follow("a.log", also: s => s with { Growing = false });
        rig.Start();
        await rig.UntilAsync(() => rig.Publisher.Held.Length == 1, "the batch");
        await rig.UntilAsync(() => File.Exists(Path.Combine(rig.State, "collector", "drains")), "the ledger");
        await rig.KillAsync();
        rig.ForgetSources();
        rig.Start();
        await ToldAsync(rig, 1);
        await rig.ExpectWithRepeatsAsync("one", "two");
        Assert.Equal(2, _told.Single().Files.Single().Records);
    }

    [Fact]
    public async Task What_was_told_is_not_told_again_after_a_restart_until_there_is_more()
    {
        await using var rig = Rig();
        rig.Append("a.log", "one\n");
        rig.Append("b.log", "b\n");
        var spec = rig.Follow("a.log", also: s => s with { Growing = false });
        rig.Start();
        await ToldAsync(rig, 1);
        await rig.UntilAsync(() => !File.ReadAllText(Path.Combine(rig.State, "collector", "drains")).Contains("a.log", StringComparison.Ordinal), "the confirm");
        await rig.RestartAsync();

        // The second source is told of; the first was looked at before it.
        rig.Follow("b.log", also: s => s with { Growing = false });
        await ToldAsync(rig, 2);
        Assert.Equal(rig.File("b.log"), _told.Last().Path);

        rig.Follow(spec with { Growing = true });
        rig.Append("a.log", "two\n");
        await rig.UntilRecordsAsync(3);
        rig.Follow(spec);
        await ToldAsync(rig, 3);
        Assert.Equal((8L, 2L), (_told.Last().Files.Single().FinalOffset, _told.Last().Files.Single().Lines));
        Assert.Equal(3, _told.Select(t => t.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_message_that_the_bus_refuses_is_said_again_with_the_same_id()
    {
        await using var rig = Rig();
        rig.Tell = (message, _) =>
        {
            _told.Enqueue(message);
            return _told.Count == 1 ? Task.FromException(new IOException("no")) : Task.CompletedTask;
        };
        rig.Append("a.log", "one\n");
        rig.Follow("a.log", also: s => s with { Growing = false });
        rig.Start();
        await ToldAsync(rig, 2);
        Assert.Single(_told.Select(t => t.Id).Distinct());
    }

    [Fact]
    public async Task A_source_without_a_file_is_told_of_with_the_reason()
    {
        await using var rig = Rig();
        rig.Follow("none.log", also: s => s with { Growing = false });
        rig.Start();
        await ToldAsync(rig, 1);
        Assert.Empty(_told.Single().Files);
        Assert.Equal("it does not exist", _told.Single().Problem);
    }

    private CollectorRig Rig() => new()
    {
        Tell = (message, _) =>
        {
            _told.Enqueue(message);
            return Task.CompletedTask;
        },
    };

    private Task ToldAsync(CollectorRig rig, int count) => rig.UntilAsync(() => _told.Count >= count, $"{count} messages");

    private static void End(CollectorRig rig) => rig.FollowAgain(s => s with { Growing = false });

    private static void AssertFile(DrainedFile file, string path, long lines, long records, int firstSecond, int lastSecond)
    {
        var content = File.ReadAllBytes(path);
        var stat = FileStat.OfPath(path)!.Value;
        Assert.Equal((stat.Key.Device, stat.Key.Inode), (file.Device, file.Inode));
        Assert.Equal((0, content.Length, content.Length), (file.From, file.FinalOffset, file.Bytes));
        Assert.Equal(Crc32C.Compute(content).ToString("x8", CultureInfo.InvariantCulture), file.Crc32c);
        Assert.Equal((lines, records), (file.Lines, file.Records));
        Assert.Equal((firstSecond, lastSecond), (file.FirstTime!.Value.Second, file.LastTime!.Value.Second));
        Assert.True(file.ReadToEnd);
    }
}

using Microsoft.Extensions.Logging;
using Tributary.Collector.Checkpoints;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Checkpoints;

public sealed class CheckpointFlowTests
{
    [Fact]
    public async Task A_checkpoint_moves_only_over_what_is_confirmed_without_a_gap()
    {
        await using var rig = new CollectorRig();
        rig.Publisher.Hold = true;
        rig.Follow("a.log");
        rig.Start();
        for (var i = 1; i <= 4; i++)
        {
            rig.Append("a.log", $"line {i}\n");
            await rig.UntilAsync(() => rig.Publisher.Held.Length == i, $"batch {i}");
        }

        var batches = rig.Publisher.Held;
        await ConfirmAsync(rig, batches[2], held: 3);
        await ConfirmAsync(rig, batches[1], held: 2);
        rig.Append("b.log", "to see a save after the confirms\n");
        rig.Follow("b.log", target: "other");
        await rig.UntilAsync(() => rig.Publisher.Held.Any(b => b.Target == "other"), "the other file's batch");
        Assert.Equal(0, Offset(rig, "a.log"));
        await ConfirmAsync(rig, batches[0], held: 2);
        await rig.UntilAsync(() => Offset(rig, "a.log") == 21, "the checkpoint to move over three lines");
        await rig.KillAsync();
        rig.Start();
        await rig.UntilAsync(() => rig.Publisher.Records.Length == 2, "what was not confirmed");
        Assert.Equal(["line 4", "to see a save after the confirms"], rig.Publisher.Records.Select(r => r.Text).Order());
        await rig.ExpectWithRepeatsAsync("line 1", "line 2", "line 3", "line 4", "to see a save after the confirms");
    }

    [Fact]
    public async Task An_id_is_on_the_disk_before_the_first_batch_that_carries_it()
    {
        await using var rig = new CollectorRig();
        var late = new List<string>();
        rig.Publisher.BeforeTaking = batch =>
        {
            var durable = Saved(rig).Select(c => c.SourceId).ToHashSet();
            lock (late)
            {
                late.AddRange(batch.Sources.Select(s => s.SourceId).Where(id => !durable.Contains(id)));
            }
        };
        rig.Start();
        for (var i = 0; i < 60; i++)
        {
            rig.Append($"{i}.log", $"first {i}\n");
            rig.Follow($"{i}.log", target: $"t{i % 3}");
            if (i % 3 == 0)
            {
                File.Move(rig.File($"{i}.log"), rig.File($"{i}.log.1"));
                rig.Append($"{i}.log", $"second {i}\n");
            }

            await rig.UntilAsync(() => rig.Records.Any(r => r.Text == (i % 3 == 0 ? $"second {i}" : $"first {i}")), "its line");
        }

        await rig.StopAsync();
        Assert.Empty(late);
    }

    [Fact]
    public async Task An_id_gets_on_the_disk_with_a_fingerprint_of_some_content()
    {
        await using var rig = new CollectorRig();
        var without = new List<string>();
        rig.Publisher.BeforeTaking = batch =>
        {
            var saved = Saved(rig).Where(c => c.FingerprintLength > 0).Select(c => c.SourceId).ToHashSet();
            lock (without)
            {
                without.AddRange(batch.Sources.Select(s => s.SourceId).Where(id => !saved.Contains(id)));
            }
        };
        rig.Append("a.log", "");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilAsync(() => rig.Tail.Status is { OpenFiles: 1 }, "the empty file to be open");
        rig.Append("a.log", "1\n");
        await rig.ExpectAsync("1");
        Assert.Empty(without);
    }

    [Fact]
    [Trait("Scenario", "R21")]
    public async Task With_a_full_disk_new_files_wait_the_others_go_on_and_all_resumes()
    {
        await using var rig = new CollectorRig();
        rig.Append("old.log", "1\n");
        rig.Follow("old.log");
        rig.Start();
        await rig.UntilRecordsAsync(1);
        DiskFull.Begin(Path.Combine(rig.State, "collector"));
        rig.Append("old.log", "2\n");
        await rig.UntilRecordsAsync(2);
        await rig.UntilAsync(() => rig.Log.Of(LogLevel.Error).Any(e => e.Contains("cannot be saved", StringComparison.Ordinal)), "the report");
        rig.Append("new.log", "3\n");
        rig.Follow("new.log");
        rig.Append("old.log", "4\n");
        await rig.UntilRecordsAsync(3);
        Assert.DoesNotContain(rig.Records, r => r.Text == "3");
        DiskFull.End(Path.Combine(rig.State, "collector"));
        await rig.UntilRecordsAsync(4);
        Assert.Contains(rig.Log.Of(LogLevel.Information), m => m.Contains("saved again", StringComparison.Ordinal));
        Assert.Single(rig.Log.Of(LogLevel.Error));
        await rig.RestartAsync();
        rig.Append("new.log", "5\n");
        await rig.ExpectAsync("1", "2", "3", "4", "5");
    }

    [Fact]
    [Trait("Scenario", "R17")]
    public async Task Killed_before_the_confirm_all_of_it_comes_after_the_start_and_nothing_before_it_again()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", "1\n2\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilAsync(() => Offset(rig, "a.log") == 4, "the checkpoint");
        rig.Publisher.Hold = true;
        rig.Append("a.log", "3\n4\n");
        await rig.UntilAsync(() => rig.Publisher.Held.Length > 0, "what is not confirmed");
        await rig.KillAsync();
        rig.Start();
        await rig.UntilAsync(() => rig.Publisher.Records.Length == 2, "what was not confirmed");
        Assert.Equal(["3", "4"], rig.Publisher.Records.Select(r => r.Text));
        await rig.ExpectWithRepeatsAsync("1", "2", "3", "4");
    }

    [Fact]
    [Trait("Scenario", "R18")]
    public async Task Killed_after_the_confirm_and_before_the_checkpoint_it_comes_again_with_equal_uids()
    {
        await using var rig = new CollectorRig();
        rig.Options.CheckpointInterval = TimeSpan.FromMinutes(1);
        rig.Append("a.log", "1\n2\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(2);
        rig.Append("a.log", "3\n");
        await rig.UntilRecordsAsync(3);
        await rig.KillAsync();
        var uids = rig.Records.Select(r => r.Uid).ToHashSet();
        rig.Start();
        await rig.UntilAsync(() => rig.Publisher.Records.Length == 3, "the repeats");
        Assert.All(rig.Publisher.Records, r => Assert.Contains(r.Uid, uids));
        await rig.ExpectWithRepeatsAsync("1", "2", "3");
    }

    [Fact]
    public async Task A_torn_journal_repeats_lines_with_their_uids_and_loses_none()
    {
        await using var rig = new CollectorRig();
        rig.Follow("a.log");
        for (var i = 1; i <= 4; i++)
        {
            rig.Append("a.log", $"{i}\n");
            rig.Start();
            await rig.UntilRecordsAsync(i);
            await rig.StopAsync();
        }

        var journal = Directory.GetFiles(Folder(rig), "journal.*").Order(StringComparer.Ordinal).Last();
        File.WriteAllBytes(journal, File.ReadAllBytes(journal)[..^10]);
        rig.Start();
        rig.Append("a.log", "5\n");
        await rig.ExpectWithRepeatsAsync("1", "2", "3", "4", "5");
        Assert.Single(rig.Log.Of(LogLevel.Warning), w => w.Contains(journal, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_truncated_file_leaves_no_checkpoint_of_what_it_was()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", "1\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(1);
        await rig.UntilAsync(() => Offset(rig, "a.log") == 2, "its checkpoint");
        File.WriteAllText(rig.File("a.log"), "");
        await rig.UntilAsync(() => Offset(rig, "a.log") is null, "the checkpoint to be removed");
        rig.Append("a.log", "2\n");
        await rig.ExpectAsync("1", "2");
    }

    [Fact]
    public async Task Lines_that_are_not_wanted_move_the_checkpoint_and_are_not_read_again()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", LogLines.Cri("no") + LogLines.Cri("no"));
        rig.Follow("a.log", Tributary.Contracts.LogFormat.Cri, also: s => s with { Stdout = false });
        rig.Start();
        await rig.UntilAsync(() => Offset(rig, "a.log") == new FileInfo(rig.File("a.log")).Length, "the mark at the end");
        await rig.RestartAsync();
        await rig.UntilAsync(() => rig.Tail.Status.OpenFiles == 1, "the file to be open");
        await rig.StopAsync();
        Assert.Empty(rig.Records);
    }

    [Fact]
    public async Task The_size_of_a_file_that_is_not_confirmed_is_saved_too()
    {
        await using var rig = new CollectorRig();
        rig.Publisher.Hold = true;
        rig.Append("a.log", "1\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilAsync(() => Saved(rig).Count == 1, "the id");
        rig.Append("a.log", "2\n");
        await rig.UntilAsync(() => Saved(rig).Single().Size == 4, "the size");
        Assert.Equal(0, Saved(rig).Single().Offset);
        rig.Publisher.Hold = false;
        rig.Publisher.Confirm(_ => true);
        await rig.ExpectAsync("1", "2");
    }

    private static async Task ConfirmAsync(CollectorRig rig, Tributary.Contracts.Batches.LogBatch batch, int held)
    {
        rig.Publisher.Confirm(b => b == batch);
        await rig.UntilAsync(() => rig.Publisher.Held.Length == held, "the confirm");
        var status = rig.Tail.Status;
        await rig.UntilAsync(() => !ReferenceEquals(status, rig.Tail.Status), "a round");
    }

    private static string Folder(CollectorRig rig) => Path.Combine(rig.State, "collector");

    private static IReadOnlyCollection<Checkpoint> Saved(CollectorRig rig) => CheckpointReader.Read(Folder(rig)).Checkpoints;

    private static long? Offset(CollectorRig rig, string name) =>
        Saved(rig).SingleOrDefault(c => c.Path == rig.File(name))?.Offset;
}

using Microsoft.Extensions.DependencyInjection;
using Tributary.Collector.Answering;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Tailing;
using Tributary.Contracts;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Answering;

public sealed class FollowedLookTests
{
    [Fact]
    public async Task It_says_of_each_file_where_it_is_and_how_far_it_was_read_and_confirmed()
    {
        await using var rig = new CollectorRig();
        rig.Follow("a.log", also: s => s with { Config = "shop/web", ConfigVersion = "3" });
        rig.Start();
        rig.Append("a.log", "one\n");
        await rig.UntilAsync(() => rig.Tail.Status.Sources is [{ ConfirmedBytes: 4 }], "the confirm");
        rig.Publisher.Hold = true;
        rig.Append("a.log", "two\nopen");
        await rig.UntilAsync(() => rig.Publisher.Held.Length == 1, "the batch");
        File.Move(rig.File("a.log"), rig.File("a.log.1"));

        var answer = await AskAsync(rig, rig.Logs);
        var file = Assert.Single(answer.Files);
        var stat = FileStat.OfPath(rig.File("a.log.1"))!.Value;
        Assert.Equal((stat.Key.Device, stat.Key.Inode, rig.File("a.log.1")), (file.Device, file.Inode, file.Path));
        Assert.Equal((12, 8, 4), (file.Size, file.ReadOffset, file.ConfirmedOffset));
        Assert.Equal((true, false, "a.log", "default", "shop/web", "3"), (file.Open, file.Drained, file.Source, file.Target, file.Config, file.ConfigVersion));
        Assert.False(answer.Truncated);
        rig.Publisher.Confirm(_ => true);
    }

    [Fact]
    public async Task Nothing_followed_is_an_answer_and_a_name_that_only_begins_alike_is_not_under_the_path()
    {
        await using var rig = new CollectorRig();
        rig.Follow("a.log");
        rig.Append("a.log", "one\n");
        rig.Start();
        await rig.UntilRecordsAsync(1);
        Assert.Single((await AskAsync(rig, rig.File("a.log"))).Files);
        Assert.Single((await AskAsync(rig, rig.Logs + "/")).Files);
        var nothing = await AskAsync(rig, rig.File("a"));
        Assert.Empty(nothing.Files);
        Assert.Equal((false, true, rig.File("a")), (nothing.Truncated, nothing.Settled, nothing.Path));
    }

    [Fact]
    public async Task A_closed_file_is_told_of_as_read_to_its_end_until_it_is_forgotten()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", "one\n");
        rig.Follow("a.log", also: s => s with { Growing = false });
        rig.Start();
        await rig.UntilAsync(() => rig.Tail.Status.Sources is [{ State: SourceState.Drained }], "the end");
        var file = Assert.Single((await AskAsync(rig, rig.Logs)).Files);
        Assert.Equal((false, null, 4, 4), (file.Open, file.Size, file.ReadOffset, file.ConfirmedOffset));
    }

    [Fact]
    public async Task Pages_are_bounded_and_together_name_each_file_once()
    {
        await using var rig = new CollectorRig();
        for (var i = 0; i < 25; i++)
        {
            rig.Append($"{i}.log", "line\n");
            rig.Follow($"{i}.log", also: s => s with { Growing = i % 2 == 0 });
        }

        rig.Start();
        await rig.UntilRecordsAsync(25);
        var inodes = new List<ulong>();
        string? continuation = null;
        do
        {
            var page = await AskAsync(rig, rig.Logs, 10, continuation);
            Assert.InRange(page.Files.Count, 1, 10);
            Assert.Equal(page.Continuation is not null, page.Truncated);
            inodes.AddRange(page.Files.Select(f => f.Inode));
            continuation = page.Continuation;
        }
        while (continuation is not null);

        Assert.Equal(25, inodes.Count);
        Assert.Equal(25, inodes.Distinct().Count());
    }

    private static Task<FollowedFiles> AskAsync(CollectorRig rig, string path, int max = 100, string? continuation = null) => rig.Tail.AskAsync(sources =>
        new FollowedLook(rig.Services.GetRequiredService<KnownFiles>()).Answer(
            new FollowedFilesRequested { Node = "test-node", Path = path, Max = max, Continuation = continuation }, sources, default, settled: true));
}

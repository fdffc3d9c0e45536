using Tributary.Collector.Tailing;
using Tributary.Contracts;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Tailing;

public sealed class StartPositionTests
{
    [Fact]
    public async Task From_the_end_only_what_is_written_later_comes_and_new_files_from_their_beginning()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log.1", "older\n");
        rig.Append("a.log", "old\nunfin");
        rig.Follow("a.log", also: s => s with { Start = StartPosition.End, ReadRotated = true });
        rig.Follow("b.log", also: s => s with { Start = StartPosition.End });
        rig.Start();
        await rig.UntilAsync(() => rig.Tail.Status.OpenFiles >= 1, "the file to be open");
        rig.Append("a.log", "ished\nnew\n");
        rig.Append("b.log", "came later\n");
        await rig.UntilRecordsAsync(3);
        File.Move(rig.File("a.log"), rig.File("a.log.2"));
        rig.Append("a.log", "after rotation\n");
        await rig.UntilRecordsAsync(4);
        await rig.StopAsync();
        rig.Append("a.log", "while down\n");
        rig.Start();
        await rig.ExpectAsync("unfinished", "new", "came later", "after rotation", "while down");
    }

    [Theory]
    [InlineData(LogFormat.Cri)]
    [InlineData(LogFormat.Auto)]
    public async Task Since_a_time_the_first_line_of_that_time_or_later_is_the_first(LogFormat format)
    {
        await using var rig = new CollectorRig();
        var begin = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var lines = Enumerable.Range(0, 20_000).Select(i => $"{begin.AddSeconds(i):yyyy-MM-ddTHH:mm:ss.fffffff}00Z stdout F line {i} {new string('x', i % 90)}").ToArray();
        rig.Append("a.log", string.Join('\n', lines) + "\n");
        rig.Follow("a.log", format, also: s => s with { Start = new StartPosition(StartKind.Since, begin.AddSeconds(13_333)) });
        rig.Start();
        await rig.UntilRecordsAsync(lines.Length - 13_333);
        await rig.StopAsync();
        Assert.Equal(lines.Length - 13_333, rig.Records.Count);
        Assert.StartsWith("line 13333 ", rig.Records[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Since_a_time_a_plain_file_that_was_not_written_since_is_followed_from_its_end()
    {
        await using var rig = new CollectorRig();
        rig.Append("old.log", "old\n");
        rig.Append("new.log", "new\n");
        File.SetLastWriteTimeUtc(rig.File("old.log"), new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var since = new StartPosition(StartKind.Since, new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero));
        rig.Follow("old.log", also: s => s with { Start = since });
        rig.Follow("new.log", also: s => s with { Start = since });
        rig.Start();
        await rig.UntilAsync(() => rig.Tail.Status.OpenFiles == 2, "both files");
        rig.Append("old.log", "more\n");
        await rig.ExpectAsync("new", "more");
    }
}

using Tributary.Contracts;
using Tributary.Contracts.Batches;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Tailing;

public sealed class JoiningTests
{
    [Theory]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(16_385)]
    [InlineData(32_768)]
    [InlineData(100_001)]
    public async Task A_line_that_docker_split_comes_whole(int length)
    {
        await using var rig = new CollectorRig();
        string[] texts = [LogLines.Text(1, length), "short", LogLines.Text(2, length), ""];
        rig.Append("a.log", string.Concat(texts.Select(t => LogLines.Docker(t))));
        rig.Follow("a.log", LogFormat.Docker);
        rig.Start();
        await rig.ExpectAsync(texts);
        Assert.All(rig.Records, r => Assert.Equal(0, r.Part));
    }

    [Theory]
    [InlineData(LogFormat.Docker)]
    [InlineData(LogFormat.Cri)]
    public async Task Interleaved_streams_are_joined_each_for_itself(LogFormat format)
    {
        await using var rig = new CollectorRig();
        rig.Options.ReadBytes = 16 * 1024;
        rig.Options.BatchBytesMax = 64 * 1024;
        var expected = new List<(string Stream, string Text)>();
        var open = new Dictionary<string, string> { ["stdout"] = "", ["stderr"] = "" };
        var random = new Random(7);
        rig.Follow("a.log", format);
        rig.Start();
        for (var i = 0; i < 600; i++)
        {
            var stream = random.Next(2) == 0 ? "stdout" : "stderr";
            var piece = LogLines.Text(i, random.Next(9, 3000));
            var partial = random.Next(3) > 0;
            rig.Append("a.log", format == LogFormat.Cri
                ? LogLines.Cri(piece, stream, partial, i)
                : LogLines.DockerRaw(piece + (partial ? "" : "\n"), stream, i));
            open[stream] += piece;
            if (!partial)
            {
                expected.Add((stream, open[stream]));
                open[stream] = "";
            }
        }

        await rig.ExpectAsync(expected.Select(e => e.Text));
        Assert.Equal(expected.Order(), rig.Records.Select(r => (r.Stream, r.Text)).Order());
        Assert.All(rig.Records, r => Assert.NotEqual(0UL, r.Time));
    }

    [Fact]
    public async Task A_line_that_does_not_parse_is_not_joined_to_an_unfinished_one()
    {
        await using var rig = new CollectorRig();
        rig.Append("0.log", "2026-11-21T09:00:00.1Z stdout P part1-\nTORN GARBAGE\n2026-11-21T09:00:00.2Z stdout F part2\n");
        rig.Follow("0.log", LogFormat.Cri);
        rig.Start();
        await rig.ExpectAsync("part1-", "TORN GARBAGE", "part2");
    }

    [Fact]
    public async Task Partials_are_joined_over_clean_restarts_without_a_repeat()
    {
        await using var rig = new CollectorRig();
        rig.Follow("a.log", LogFormat.Cri);
        rig.Start();
        rig.Append("a.log", LogLines.Cri("before") + LogLines.Cri("out1 ", partial: true) + LogLines.Cri("err1 ", "stderr", partial: true) + LogLines.Cri("err2", "stderr"));
        await rig.UntilRecordsAsync(2);
        await rig.RestartAsync();
        rig.Append("a.log", LogLines.Cri("err3", "stderr") + LogLines.Cri("out2 ", partial: true));
        await rig.UntilRecordsAsync(3);
        await rig.RestartAsync();
        rig.Append("a.log", LogLines.Cri("out3") + LogLines.Cri("after"));
        await rig.ExpectAsync("before", "err1 err2", "err3", "out1 out2 out3", "after");
    }

    [Fact]
    [Trait("Scenario", "R17")]
    public async Task Partials_are_joined_after_a_kill_and_repeats_share_the_uid()
    {
        await using var rig = new CollectorRig();
        rig.Publisher.Hold = true;
        rig.Follow("a.log", LogFormat.Docker);
        rig.Start();
        var texts = Enumerable.Range(0, 20).Select(i => LogLines.Text(i, 9 + i * 3000)).ToArray();
        rig.Append("a.log", string.Concat(texts[..10].Select(t => LogLines.Docker(t))));
        rig.Append("a.log", LogLines.DockerRaw("pending "));
        await rig.UntilRecordsAsync(10);
        await rig.KillAsync();
        rig.Append("a.log", LogLines.DockerRaw("line\n") + string.Concat(texts[10..].Select(t => LogLines.Docker(t))));
        rig.Start();
        await rig.ExpectWithRepeatsAsync([.. texts, "pending line"]);
        Assert.True(rig.Records.Count > 21, "The kill should have caused repeats.");
    }

    [Fact]
    public async Task The_format_is_told_from_the_first_line_of_the_file_also_after_a_restart()
    {
        await using var rig = new CollectorRig();
        rig.Follow("raw.log", LogFormat.Auto);
        rig.Follow("cri.log", LogFormat.Auto);
        rig.Start();
        rig.Append("raw.log", "plain\n");
        rig.Append("cri.log", LogLines.Cri("one"));
        await rig.UntilRecordsAsync(2);
        await rig.RestartAsync();
        rig.Append("raw.log", LogLines.Cri("looks like CRI"));
        rig.Append("cri.log", "malformed\n" + LogLines.Cri("two"));
        await rig.ExpectAsync("plain", LogLines.Cri("looks like CRI").TrimEnd('\n'), "one", "malformed", "two");
    }

    [Fact]
    public async Task A_line_that_does_not_parse_is_kept_whole_and_counted()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", LogLines.Docker("one") + "{\"log\":\"torn" + LogLines.Docker("two") + "garbage\n" + LogLines.Docker("three"));
        rig.Follow("a.log", LogFormat.Docker);
        rig.Start();
        await rig.ExpectAsync("one", "{\"log\":\"torn" + LogLines.Docker("two").TrimEnd('\n'), "garbage", "three");
    }

    [Fact]
    public async Task A_line_that_does_not_parse_is_kept_whatever_streams_are_wanted()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", LogLines.Cri("out") + "garbage\n" + LogLines.Cri("err", "stderr"));
        rig.Follow("a.log", LogFormat.Cri, also: s => s with { Stdout = false });
        rig.Start();
        await rig.ExpectAsync("garbage", "err");
    }

    [Fact]
    public async Task Only_the_wanted_streams_records_come_and_the_checkpoint_moves_over_the_others()
    {
        await using var rig = new CollectorRig();
        rig.Follow("a.log", LogFormat.Cri, also: s => s with { Stdout = false });
        rig.Append("a.log", LogLines.Cri("out1") + LogLines.Cri("err1", "stderr") + LogLines.Cri("out2"));
        rig.Start();
        await rig.UntilRecordsAsync(1);
        rig.Append("a.log", LogLines.Cri("out3") + LogLines.Cri("out4"));
        await rig.UntilAsync(() => rig.Tail.Status.LagBytes == 0 && rig.Tail.Status.Sources.Count == 1, "no lag");
        await rig.RestartAsync();
        rig.Append("a.log", LogLines.Cri("err2", "stderr"));
        await rig.ExpectAsync("err1", "err2");
    }

    [Fact]
    public async Task Bytes_come_as_they_are()
    {
        await using var rig = new CollectorRig();
        string[] texts = ["\xff\xfe broken", "a\0b", "carriage\r", "", " ", LogLines.Latin1("ä€😀"), "\xc3"];
        rig.Append("raw.log", string.Join('\n', texts) + "\n");
        rig.Append("cri.log", string.Concat(texts.Select(t => LogLines.Cri(t))));
        rig.Follow("raw.log");
        rig.Follow("cri.log", LogFormat.Cri);
        rig.Start();
        await rig.ExpectAsync(texts.Concat(texts));
        Assert.All(rig.Records, r => Assert.Equal(r.Text.Contains('\xff') || r.Text == "\xc3" ? OtlpValueKind.Bytes : OtlpValueKind.String, r.Kind));
    }

    [Fact]
    public async Task A_last_line_without_a_newline_comes_when_the_file_is_drained()
    {
        await using var rig = new CollectorRig();
        rig.Options.CloseAfterQuiet = TimeSpan.Zero;
        rig.Append("raw.log", "one\ntwo");
        rig.Append("docker.log", LogLines.Docker("three") + LogLines.DockerRaw("four"));
        rig.Append("cri.log", LogLines.Cri("five") + LogLines.Cri("six", partial: true) + LogLines.Cri("seven").TrimEnd('\n'));
        rig.Follow("raw.log", also: s => s with { Growing = false });
        rig.Follow("docker.log", LogFormat.Docker, also: s => s with { Growing = false });
        rig.Follow("cri.log", LogFormat.Cri, also: s => s with { Growing = false });
        rig.Start();
        await rig.Tail.Drained.WaitAsync(CollectorRig.Patience);
        await rig.ExpectAsync("one", "two", "three", "four", "five", "sixseven");
    }

    [Fact]
    public async Task A_last_line_of_a_growing_plain_file_comes_after_its_time()
    {
        await using var rig = new CollectorRig();
        rig.Options.UnterminatedAfter = TimeSpan.FromMilliseconds(50);
        rig.Append("raw.log", "one\nprompt> ");
        rig.Follow("raw.log");
        rig.Start();
        await rig.ExpectAsync("one", "prompt> ");
    }

    [Theory]
    [Trait("Scenario", "R32")]
    [InlineData("\n", false)]
    [InlineData("\n", true)]
    [InlineData("yes\n", false)]
    [InlineData("yes\n", true)]
    public async Task What_completes_a_last_line_that_went_out_is_its_next_part_and_no_repeat(string end, bool restart)
    {
        await using var rig = new CollectorRig();
        rig.Options.UnterminatedAfter = TimeSpan.FromMilliseconds(50);
        rig.Append("raw.log", "one\nprompt> ");
        rig.Follow("raw.log");
        rig.Start();
        await rig.UntilRecordsAsync(2);
        if (restart)
        {
            await rig.RestartAsync();
        }

        rig.Append("raw.log", end + "two\n");
        string[] rest = end == "\n" ? [] : ["yes"];
        await rig.ExpectAsync(["one", "prompt> ", .. rest, "two"]);
        Assert.All(rig.Records, r => Assert.Equal(r.Text == "yes" ? 1 : 0, r.Part));
    }
}

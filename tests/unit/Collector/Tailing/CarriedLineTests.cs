using Tributary.Contracts;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Tailing;

/// <summary>Lines whose pieces stand on both sides of a rotation.</summary>
public sealed class CarriedLineTests
{
    [Theory]
    [InlineData(LogFormat.Cri, false, false)]
    [InlineData(LogFormat.Docker, false, false)]
    [InlineData(LogFormat.Cri, true, false)]
    [InlineData(LogFormat.Docker, true, false)]
    [InlineData(LogFormat.Cri, true, true)]
    [InlineData(LogFormat.Docker, true, true)]
    public async Task A_line_that_was_split_over_a_rotation_comes_whole_under_its_first_pieces_uid(LogFormat format, bool restart, bool killed)
    {
        await using var rig = new CollectorRig();
        rig.Follow("0.log", format, also: s => s with { ReadRotated = true });
        rig.Start();
        rig.Append("0.log", Line(format, "before") + Piece(format, "one "));
        await rig.UntilRecordsAsync(1);
        var id = rig.Records[0].SourceId;
        await rig.UntilAsync(() => rig.Tail.Status.Sources is [{ LagBytes: > 0 }], "the piece to be seen");
        if (restart)
        {
            await (killed ? rig.KillAsync() : rig.StopAsync());
        }

        File.Move(rig.File("0.log"), rig.File("0.log.1"));
        rig.Append("0.log", Piece(format, "two "));
        if (restart)
        {
            rig.Start();
            await rig.UntilAsync(() => rig.Tail.Status.OpenFiles == 2, "both files");
            await (killed ? rig.KillAsync() : rig.StopAsync());
        }

        File.Move(rig.File("0.log.1"), rig.File("0.log.2"));
        File.Move(rig.File("0.log"), rig.File("0.log.1"));
        rig.Append("0.log", Line(format, "three") + Line(format, "after"));
        if (restart)
        {
            rig.Start();
        }

        await rig.UntilRecordsAsync(3);
        await rig.UntilAsync(() => rig.IsSaved, "the checkpoint");
        await rig.KillAsync();
        rig.Start();
        rig.Append("0.log", Line(format, "end"));
        await rig.ExpectWithRepeatsAsync("before", "one two three", "after", "end");
        Assert.All(rig.Records.Where(r => r.Text == "one two three"), r => Assert.Equal((id, Line(format, "before").Length), (r.SourceId, (int)r.Offset)));
    }

    [Fact]
    public async Task Each_stream_is_carried_for_itself_and_what_waits_is_not_lost_by_a_kill()
    {
        await using var rig = new CollectorRig();
        rig.Follow("0.log", LogFormat.Cri, also: s => s with { ReadRotated = true });
        rig.Start();
        rig.Append("0.log", LogLines.Cri("out1 ", partial: true) + LogLines.Cri("err1 ", "stderr", partial: true) + LogLines.Cri("err2 ", "stderr", partial: true));
        File.Move(rig.File("0.log"), rig.File("0.log.1"));
        rig.Append("0.log", LogLines.Cri("err3", "stderr") + LogLines.Cri("err4", "stderr"));
        await rig.UntilRecordsAsync(2);
        await rig.KillAsync();
        rig.Append("0.log", LogLines.Cri("err5", "stderr"));
        rig.Start();
        await rig.UntilRecordsAsync(3);
        await rig.KillAsync();
        rig.Append("0.log", LogLines.Cri("out2") + LogLines.Cri("out3"));
        rig.Start();
        await rig.ExpectWithRepeatsAsync("err1 err2 err3", "err4", "err5", "out1 out2", "out3");
    }

    [Fact]
    public async Task A_carried_line_over_the_cap_comes_in_parts_and_the_next_is_whole()
    {
        await using var rig = new CollectorRig();
        rig.Options.LineBytesMax = 1024;
        rig.Follow("0.log", LogFormat.Cri, also: s => s with { ReadRotated = true });
        rig.Start();
        string[] pieces = [.. Enumerable.Range(0, 6).Select(i => LogLines.Text(i, 400))];
        rig.Append("0.log", LogLines.Cri("before") + LogLines.Cri(pieces[0], partial: true) + LogLines.Cri(pieces[1], partial: true));
        File.Move(rig.File("0.log"), rig.File("0.log.1"));
        rig.Append("0.log", string.Concat(pieces[2..5].Select(p => LogLines.Cri(p, partial: true))) + LogLines.Cri(pieces[5]) + LogLines.Cri("next"));
        await rig.UntilAsync(() => rig.Records.Any(r => r.Text == "next"), "the next line");
        await rig.StopAsync();
        Assert.Equal(string.Concat(pieces), string.Concat(rig.Records.Where(r => r.Text is not ("before" or "next")).Select(r => r.Text)));
        Assert.All(rig.Records, r => Assert.True(r.Text.Length <= 1024, "A part is over the cap."));
    }

    [Fact]
    public async Task A_piece_whose_rest_never_comes_goes_out_when_the_source_ends()
    {
        await using var rig = new CollectorRig();
        rig.Options.CloseAfterQuiet = TimeSpan.Zero;
        var source = rig.Follow("0.log", LogFormat.Cri, also: s => s with { ReadRotated = true });
        rig.Append("0.log", LogLines.Cri("one ", partial: true));
        rig.Start();
        File.Move(rig.File("0.log"), rig.File("0.log.1"));
        rig.Append("0.log", LogLines.Cri("error", "stderr"));
        await rig.UntilRecordsAsync(1);
        rig.Follow(source with { Growing = false });
        await rig.Tail.Drained.WaitAsync(CollectorRig.Patience);
        await rig.ExpectAsync("one ", "error");
    }

    private static string Piece(LogFormat format, string text) => format == LogFormat.Cri ? LogLines.Cri(text, partial: true) : LogLines.DockerRaw(text);

    private static string Line(LogFormat format, string text) => format == LogFormat.Cri ? LogLines.Cri(text) : LogLines.Docker(text);
}

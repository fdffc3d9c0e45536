using System.Text;
using Tributary.Contracts;
using Tributary.Contracts.Batches;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Tailing;

public sealed class LongLineTests
{
    private const int Max = 1024;

    [Theory]
    [InlineData(LogFormat.Raw, 1_024, 1)]
    [InlineData(LogFormat.Raw, 1_025, 2)]
    [InlineData(LogFormat.Raw, 70_000, 69)]
    [InlineData(LogFormat.Raw, 140_000, 137)]
    [InlineData(LogFormat.Raw, 400_000, 391)]
    [InlineData(LogFormat.Cri, 5_000, 5)]
    [InlineData(LogFormat.Docker, 40_000, 40)]
    [Trait("Scenario", "R29")]
    public async Task A_line_over_the_limit_comes_in_numbered_parts(LogFormat format, int length, int parts)
    {
        await using var rig = Rig();
        var text = LogLines.Text(1, length);
        rig.Append("a.log", Frame(format, "before") + Frame(format, text) + Frame(format, "after"));
        rig.Follow("a.log", format);
        rig.Start();
        await rig.UntilAsync(() => rig.Records.Any(r => r.Text == "after"), "the next line");
        await rig.StopAsync();
        AssertLines(rig, ["before", text, "after"]);
        Assert.Equal(parts + 2, rig.Records.Count);
        Assert.All(rig.Records, r => Assert.InRange(r.Body.Length, 0, Max + 3));
    }

    [Theory]
    [InlineData(LogFormat.Raw, false)]
    [InlineData(LogFormat.Cri, false)]
    [InlineData(LogFormat.Cri, true)]
    public async Task A_part_never_ends_within_a_character(LogFormat format, bool pieces)
    {
        await using var rig = Rig();
        for (var shift = 0; shift < 4; shift++)
        {
            var text = LogLines.Latin1(new string('x', shift) + string.Concat(Enumerable.Repeat("😀€ä", 700)));
            rig.Append("a.log", pieces ? CriPieces(text, 250) : Frame(format, text));
        }

        rig.Append("a.log", Frame(format, "after"));
        rig.Follow("a.log", format);
        rig.Start();
        await rig.UntilAsync(() => rig.Records.Any(r => r.Text == "after"), "the next line");
        await rig.StopAsync();
        Assert.All(rig.Records, r => Assert.Equal(OtlpValueKind.String, r.Kind));
        AssertLines(rig, [.. Enumerable.Range(0, 4).Select(s => LogLines.Latin1(new string('x', s) + string.Concat(Enumerable.Repeat("😀€ä", 700)))), "after"]);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_split_too()
    {
        await using var rig = Rig();
        var text = new string('\x80', 200_000);
        rig.Append("a.log", text + "\nafter\n");
        rig.Append("cri.log", CriPieces(text, 900) + LogLines.Cri("after"));
        rig.Follow("a.log");
        rig.Follow("cri.log", LogFormat.Cri);
        rig.Start();
        await rig.UntilAsync(() => rig.Records.Count(r => r.Text == "after") == 2, "the next line");
        await rig.StopAsync();
        AssertLines(rig, [text, "after", text, "after"]);
    }

    [Fact]
    [Trait("Scenario", "R30")]
    public async Task An_endless_line_of_pieces_is_bounded()
    {
        await using var rig = Rig();
        rig.Follow("a.log", LogFormat.Cri);
        rig.Start();
        var text = new StringBuilder();
        for (var i = 0; i < 500; i++)
        {
            text.Append(LogLines.Text(i, 300));
            rig.Append("a.log", LogLines.Cri(LogLines.Text(i, 300), partial: true));
        }

        // Without an end of the line, all but the last part has come.
        await rig.UntilAsync(() => rig.Records.Sum(r => r.Body.Length) >= text.Length - Max, "the parts");
        rig.Append("a.log", LogLines.Cri("end") + LogLines.Cri("after"));
        await rig.UntilAsync(() => rig.Records.Any(r => r.Text == "after"), "the next line");
        await rig.StopAsync();
        AssertLines(rig, [text + "end", "after"]);
    }

    [Theory]
    [InlineData(LogFormat.Raw, 300_000, 0)]
    [InlineData(LogFormat.Cri, 30_000, 700)]
    [InlineData(LogFormat.Cri, 30_000, 5_000)]
    [InlineData(LogFormat.Docker, 60_000, 0)]
    public async Task A_split_line_goes_on_over_kills_with_the_same_parts(LogFormat format, int length, int piece)
    {
        await using var rig = Rig();
        rig.Options.BatchBytesMax = 4 * 1024;
        rig.Follow("a.log", format);
        var euro = LogLines.Latin1("€");
        string[] texts = [.. Enumerable.Range(0, 3).Select(i => LogLines.Text(i, length / 2) + string.Concat(Enumerable.Repeat(euro, format == LogFormat.Docker ? 0 : length / 6)))];
        var whole = string.Concat(texts.Select(t => piece > 0 ? CriPieces(t, piece) : Frame(format, t)));
        var written = 0;
        for (var run = 1; run <= 6; run++)
        {
            var upTo = whole.Length * (run + 2) / 8;
            rig.Append("a.log", whole[written..upTo]);
            var hasLine = whole[written..upTo].Contains('\n');
            written = upTo;
            rig.Publisher.Hold = false;
            rig.Start();
            var at = rig.Publisher;
            await rig.UntilAsync(() => at.Records.Length > 0 || !hasLine, "some records");
            rig.Publisher.Hold = true;
            await rig.KillAsync();
        }

        rig.Start();
        rig.Append("a.log", Frame(format, "after"));
        await rig.UntilAsync(() => rig.Records.Any(r => r.Text == "after"), "the next line");
        await rig.StopAsync();
        AssertLines(rig, [.. texts, "after"]);
    }

    [Fact]
    public async Task A_docker_line_of_nothing_but_escapes_fits_whatever_the_limit()
    {
        await using var rig = Rig();
        var text = new string('\x01', LogLines.DockerPiece);
        rig.Append("a.log", LogLines.Docker(text) + LogLines.Docker("after"));
        rig.Follow("a.log", LogFormat.Docker);
        rig.Start();
        await rig.UntilAsync(() => rig.Records.Any(r => r.Text == "after"), "the next line");
        await rig.StopAsync();
        AssertLines(rig, [text, "after"]);
    }

    [Fact]
    public async Task An_overlong_line_without_a_newline_comes_when_drained()
    {
        await using var rig = Rig();
        rig.Options.CloseAfterQuiet = TimeSpan.Zero;
        var text = LogLines.Text(1, 200_500);
        rig.Append("a.log", text);
        rig.Follow("a.log", also: s => s with { Growing = false });
        rig.Start();
        await rig.Tail.Drained.WaitAsync(CollectorRig.Patience);
        await rig.StopAsync();
        AssertLines(rig, [text]);
    }

    [Fact]
    public async Task The_unfinished_lines_of_all_files_share_a_bound()
    {
        await using var rig = new CollectorRig();
        rig.Options.PartialBytesMax = 1024 * 1024;
        var piece = new string('p', 16 * 1024);
        string[] names = [.. Enumerable.Range(0, 40).Select(i => $"{i}.log")];
        foreach (var name in names)
        {
            rig.Append(name, string.Concat(Enumerable.Repeat(LogLines.Cri(piece, partial: true), 10)));
            rig.Follow(name, LogFormat.Cri);
        }

        rig.Start();
        await rig.UntilAsync(() => rig.Records.Sum(r => (long)r.Body.Length) >= names.Length * 10L * piece.Length - 1024 * 1024 - names.Length * piece.Length, "what is over the bound");
        foreach (var name in names)
        {
            rig.Append(name, LogLines.Cri("end"));
        }

        await rig.UntilAsync(() => rig.Records.Count(r => r.Text.EndsWith("end", StringComparison.Ordinal)) == names.Length, "the ends");
        await rig.StopAsync();
        AssertLines(rig, [.. names.Select(_ => string.Concat(Enumerable.Repeat(piece, 10)) + "end")]);
    }

    private static CollectorRig Rig()
    {
        var rig = new CollectorRig();
        rig.Options.LineBytesMax = Max;
        rig.Options.ReadBytes = 16 * 1024;
        return rig;
    }

    private static string Frame(LogFormat format, string text) => format switch
    {
        LogFormat.Cri => LogLines.Cri(text),
        LogFormat.Docker => LogLines.Docker(text),
        _ => text + "\n",
    };

    private static string CriPieces(string text, int size)
    {
        var pieces = text.Chunk(size).Select(c => new string(c)).ToArray();
        return string.Concat(pieces.Select((p, i) => LogLines.Cri(p, partial: i < pieces.Length - 1)));
    }

    /// <summary>Puts parts together again: a record whose part number is 0 begins a line.</summary>
    private static void AssertLines(CollectorRig rig, string[] expected)
    {
        Assert.All(rig.Records.GroupBy(r => r.Uid), twins => Assert.Single(twins.Select(r => r.Text).Distinct()));
        var lines = new List<string>();
        foreach (var record in rig.Records.DistinctBy(r => r.Uid).OrderBy(r => r.SourceId, StringComparer.Ordinal).ThenBy(r => r.Offset).ThenBy(r => r.Part))
        {
            if (record.Part == 0)
            {
                lines.Add(record.Text);
            }
            else
            {
                lines[^1] += record.Text;
            }
        }

        rig.AssertNoError();
        Assert.Equal(expected.Select(t => (t.Length, t)).Order(), lines.Select(t => (t.Length, t)).Order());
    }
}

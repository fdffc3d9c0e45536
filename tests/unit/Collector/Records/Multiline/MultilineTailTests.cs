using Tributary.Collector.Tailing;
using Tributary.Contracts;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Records.Multiline;

/// <summary>Records of several lines over time: restarts, kills, rotation, quiet streams, bounds.</summary>
public sealed class MultilineTailTests
{
    private const string Patient = "timeout: 5m";

    [Theory]
    [Trait("Scenario", "R33")]
    [InlineData(LogFormat.Cri)]
    [InlineData(LogFormat.Docker)]
    [InlineData(LogFormat.Raw)]
    public async Task A_record_that_is_open_when_killed_is_assembled_once_from_its_start(LogFormat format)
    {
        await using var rig = Rig("{preset: java, " + Patient + "}");
        var (before, head) = (Line(format, "before"), Line(format, "java.lang.X: a"));
        rig.Append("a.log", before + head + Line(format, "\tat a.A.a(A.java:1)"));
        Follow(rig, "a.log", format);
        rig.Start();
        await rig.UntilRecordsAsync(1);
        await rig.UntilAsync(() => rig.Metrics.Total().Lines == 3, "the lines to be read");
        await rig.KillAsync();
        rig.Append("a.log", Line(format, "\tat a.A.b(A.java:2)"));
        rig.Start();
        await rig.UntilAsync(() => rig.Metrics.Total().Lines >= 3, "the lines to be read again");
        await rig.KillAsync();
        rig.Append("a.log", Line(format, "Caused by: java.lang.Y") + Line(format, "after") + Line(format, "last"));
        rig.Start();

        var texts = new[] { "before", "java.lang.X: a\n\tat a.A.a(A.java:1)\n\tat a.A.b(A.java:2)\nCaused by: java.lang.Y", "after" };
        await rig.ExpectWithRepeatsAsync(texts);
        var trace = Assert.Single(rig.Records.Where(r => r.Text.StartsWith("java", StringComparison.Ordinal)).DistinctBy(r => r.Uid));
        Assert.Equal((before.Length, 0), (trace.Offset, trace.Part));
    }

    [Fact]
    [Trait("Scenario", "R33")]
    public async Task Over_many_kills_and_stops_every_record_comes_whole_under_one_uid()
    {
        await using var rig = Rig("{preset: java, maxLines: 4, " + Patient + "}");
        rig.Options.ReadBytes = 16 * 1024;
        rig.Options.BatchBytesMax = 64 * 1024;
        Follow(rig, "a.log", LogFormat.Cri);
        rig.Start();
        var random = new Random(11);
        var lines = new Dictionary<string, List<string>> { ["stdout"] = [], ["stderr"] = [] };
        for (var i = 0; i < 400; i++)
        {
            var stream = random.Next(3) == 0 ? "stderr" : "stdout";
            var text = random.Next(3) == 0 ? $"line {i}" : $"\tat a.A.m{i}(A.java:{i})";
            lines[stream].Add(text);
            var piece = random.Next(4) == 0 ? text.Length / 2 : 0;
            rig.Append("a.log", (piece > 0 ? LogLines.Cri(text[..piece], stream, partial: true, i) : "") + LogLines.Cri(text[piece..], stream, at: i));
            if (i % 40 == 39)
            {
                await (i % 80 == 39 ? rig.KillAsync() : rig.StopAsync());
                rig.Start();
            }
        }

        rig.Append("a.log", LogLines.Cri("end") + LogLines.Cri("end", "stderr"));
        await rig.ExpectWithRepeatsAsync(lines.Values.SelectMany(l => Grouped(l, 4)));
    }

    [Fact]
    public async Task An_open_record_goes_out_when_no_line_of_its_stream_comes_in_time()
    {
        await using var rig = Rig("{preset: java, timeout: 50ms}");
        Follow(rig, "a.log", LogFormat.Cri);
        rig.Start();
        rig.Append("a.log", LogLines.Cri("java.lang.X: a") + LogLines.Cri("\tat a.A.a(A.java:1)") + LogLines.Cri("error", "stderr"));
        await rig.UntilRecordsAsync(2);
        rig.Append("a.log", LogLines.Cri("\tat a.A.late(A.java:2)"));
        await rig.ExpectAsync("java.lang.X: a\n\tat a.A.a(A.java:1)", "error", "\tat a.A.late(A.java:2)");
    }

    [Fact]
    public async Task A_busy_stream_does_not_hold_the_other_ones_record()
    {
        await using var rig = Rig("{preset: java, timeout: 50ms}");
        Follow(rig, "a.log", LogFormat.Cri);
        rig.Start();
        rig.Append("a.log", LogLines.Cri("java.lang.X: a") + LogLines.Cri("\tat a.A.a(A.java:1)"));
        for (var i = 0; !rig.Records.Any(r => r.Stream == "stdout"); i++)
        {
            rig.Append("a.log", LogLines.Cri($"busy {i}", "stderr"));
            await Task.Delay(5);
            Assert.True(i < 4000, "The open record of stdout never came.");
        }

        Assert.Equal("java.lang.X: a\n\tat a.A.a(A.java:1)", Assert.Single(rig.Records, r => r.Stream == "stdout").Text);
    }

    [Fact]
    public async Task An_open_record_is_carried_over_a_clean_restart_without_a_repeat()
    {
        await using var rig = Rig("{preset: python, " + Patient + "}");
        Follow(rig, "a.log", LogFormat.Raw);
        rig.Start();
        rig.Append("a.log", "before\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\n");
        await rig.UntilRecordsAsync(1);
        await rig.RestartAsync();
        rig.Append("a.log", "    f()\nValueError: bad\n");
        await rig.RestartAsync();
        rig.Append("a.log", "\nDuring handling of the above exception, another exception occurred:\nafter\nopen\n");
        await rig.ExpectAsync(
            "before",
            "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    f()\nValueError: bad\n\nDuring handling of the above exception, another exception occurred:",
            "after");
    }

    [Fact]
    public async Task What_is_open_comes_at_once_when_the_file_is_drained_rotated_or_truncated()
    {
        await using var rig = Rig("{preset: java, " + Patient + "}");
        rig.Options.CloseAfterQuiet = TimeSpan.FromMilliseconds(20);
        const string Trace = "\tat a.A.a(A.java:1)\n";
        rig.Append("drained.log", "drained\n" + Trace + "\tat a.A.last(A.java:2)");
        rig.Append("rotated.log", "rotated\n" + Trace);
        rig.Append("cut.log", "cut off\n" + Trace);
        Follow(rig, "drained.log", LogFormat.Raw, s => s with { Growing = false });
        Follow(rig, "rotated.log", LogFormat.Raw);
        Follow(rig, "cut.log", LogFormat.Raw);
        rig.Start();
        await rig.UntilAsync(() => rig.Metrics.Total().Lines == 7, "the lines to be read");
        File.Move(rig.File("rotated.log"), rig.File("rotated.log.1"));
        rig.Append("rotated.log", "new\n" + Trace + "next\n");
        using (var cut = new FileStream(rig.File("cut.log"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            cut.SetLength(0);
        }

        await rig.ExpectAsync(
            "drained\n\tat a.A.a(A.java:1)\n\tat a.A.last(A.java:2)", "rotated\n\tat a.A.a(A.java:1)", "cut off\n\tat a.A.a(A.java:1)", "new\n\tat a.A.a(A.java:1)");
    }

    [Fact]
    public async Task All_open_records_together_stay_within_the_bound_and_no_line_is_lost()
    {
        await using var rig = Rig("{start: ^>, maxBytes: 16MiB, maxLines: 100000, " + Patient + "}");
        rig.Options.PartialBytesMax = 1024 * 1024;
        var lines = Enumerable.Range(0, 40).SelectMany(i => Enumerable.Range(0, 10).Select(k => (k == 0 ? ">" : "") + LogLines.Text(i * 10 + k, 9000))).ToList();
        foreach (var file in Enumerable.Range(0, 4))
        {
            rig.Append($"{file}.log", string.Concat(lines.Skip(file * 100).Take(100).Select(l => l + "\n")));
            Follow(rig, $"{file}.log", LogFormat.Raw, s => s with { Growing = false });
        }

        rig.Start();
        await rig.Tail.Drained.WaitAsync(CollectorRig.Patience);
        await rig.StopAsync();
        Assert.Equal(lines.Order(StringComparer.Ordinal), rig.Records.SelectMany(r => r.Text.Split('\n')).Order(StringComparer.Ordinal));
        Assert.All(rig.Records, r => Assert.InRange(r.Body.Length, 1, 1024 * 1024 + 10_000));
    }

    [Fact]
    public async Task An_overlong_line_ends_the_record_and_comes_in_its_own_parts()
    {
        await using var rig = Rig("{start: ^>, " + Patient + "}");
        rig.Options.LineBytesMax = 1024;
        rig.Append("a.log", LogLines.Cri("> one") + LogLines.Cri("two") + LogLines.Cri(new string('x', 1500), partial: true) + LogLines.Cri("y") + LogLines.Cri("three") + LogLines.Cri("> four"));
        Follow(rig, "a.log", LogFormat.Cri, s => s with { Growing = false });
        rig.Start();
        await rig.ExpectAsync("> one\ntwo", new string('x', 1024), new string('x', 476) + "y", "three", "> four");
    }

    private static CollectorRig Rig(string rule)
    {
        var rig = new CollectorRig();
        rig.Options.Configs = [MultilineCaseTests.Config(rule)];
        return rig;
    }

    private static void Follow(CollectorRig rig, string name, LogFormat format, Func<SourceSpec, SourceSpec>? also = null) =>
        rig.Follow(name, format, also: s => (also is null ? s : also(s)) with { Config = "default/a" });

    private static string Line(LogFormat format, string text) => format switch
    {
        LogFormat.Cri => LogLines.Cri(text),
        LogFormat.Docker => LogLines.Docker(text),
        _ => text + "\n",
    };

    /// <summary>What the java rule makes of heads and frames.</summary>
    private static List<string> Grouped(List<string> lines, int max)
    {
        var records = new List<List<string>>();
        foreach (var line in lines)
        {
            if (records.Count == 0 || line[0] != '\t' || records[^1].Count == max)
            {
                records.Add([]);
            }

            records[^1].Add(line);
        }

        return [.. records.Select(r => string.Join('\n', r))];
    }
}

using System.IO.Compression;
using System.Text;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Tailing;

/// <summary>Rotated files that were compressed, told by what they decompress to.</summary>
public sealed class CompressedTests
{
    private static readonly string[] s_lines = [.. Enumerable.Range(0, 3000).Select(i => $"line {i:00000} {new string((char)('a' + i % 26), i % 300)}")];

    [Theory]
    [Trait("Scenario", "R05")]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task What_was_not_read_before_the_file_was_rotated_and_compressed_while_down_comes_once(bool readRotated, bool killed)
    {
        await using var rig = new CollectorRig();
        rig.Options.ReadBytes = 16 * 1024;
        rig.Append("a.log", Text(s_lines[..1000]));
        rig.Follow("a.log", also: s => s with { ReadRotated = readRotated });
        rig.Start();
        await rig.UntilRecordsAsync(1000);
        await rig.UntilAsync(() => rig.IsSaved, "the checkpoint");
        await (killed ? rig.KillAsync() : rig.StopAsync());
        rig.Append("a.log", Text(s_lines[1000..]));
        Compress(rig.File("a.log"), rig.File("a.log.1.gz"));
        rig.Append("a.log", "new\n");
        rig.Start();
        await rig.UntilRecordsAsync(s_lines.Length + 1);
        await rig.UntilAsync(() => rig.Tail.Status is { OpenFiles: 1, LagBytes: 0 }, "the compressed file to be closed");
        await rig.RestartAsync();
        rig.Append("a.log", "last\n");
        await rig.ExpectAsync([.. s_lines, "new", "last"]);
        Assert.Equal(2, rig.Records.Select(r => r.SourceId).Distinct().Count());
    }

    [Theory]
    [Trait("Scenario", "R04")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_was_read_to_its_end_is_not_read_again_as_a_compressed_one(bool running)
    {
        await using var rig = new CollectorRig();
        rig.Options.CloseAfterQuiet = TimeSpan.Zero;
        rig.Append("a.log", Text(s_lines));
        rig.Follow("a.log", also: s => s with { ReadRotated = true });
        rig.Start();
        await rig.UntilRecordsAsync(s_lines.Length);
        await rig.UntilAsync(() => rig.IsSaved, "the checkpoint");
        if (!running)
        {
            await rig.StopAsync();
        }

        Compress(rig.File("a.log"), rig.File("a.log.1.gz"));
        rig.Append("a.log", "new\n");
        if (!running)
        {
            rig.Start();
        }

        await rig.UntilRecordsAsync(s_lines.Length + 1);
        File.Move(rig.File("a.log"), rig.File("a.log.2"));
        rig.Append("a.log", "newer\n");
        await rig.UntilRecordsAsync(s_lines.Length + 2);
        await rig.RestartAsync();
        rig.Append("a.log", "last\n");
        await rig.ExpectAsync([.. s_lines, "new", "newer", "last"]);
    }

    [Fact]
    [Trait("Scenario", "R05")]
    public async Task A_compressed_file_that_was_read_in_part_when_killed_is_gone_on_with()
    {
        await using var rig = new CollectorRig();
        rig.Options.ReadBytes = 16 * 1024;
        rig.Options.BatchBytesMax = 64 * 1024;
        rig.Options.WindowBatchesPerTarget = 1;
        Directory.CreateDirectory(rig.Logs);
        Compress(rig.Append("old", Text(s_lines)), rig.File("0.log.20261121-100000.gz"));
        rig.Append("0.log", "new\n");
        rig.Follow("0.log", also: s => s with { ReadRotated = true });
        var batches = 0;
        rig.Publisher.BeforeTaking = _ => rig.Publisher.Hold = ++batches >= 3;
        rig.Start();
        await rig.UntilAsync(() => rig.Publisher.Held.Length == 1, "a batch to hang");
        await rig.KillAsync();
        rig.Start();
        await rig.ExpectWithRepeatsAsync([.. s_lines, "new"]);
    }

    [Fact]
    public async Task A_compressed_file_that_is_torn_is_waited_for_and_then_counted_once()
    {
        await using var rig = new CollectorRig();
        rig.Options.CompressedWaitMax = TimeSpan.FromMilliseconds(300);
        Compress(rig.Append("old", Text(s_lines)), rig.File("whole"));
        var whole = File.ReadAllBytes(rig.File("whole"));
        File.Delete(rig.File("whole"));
        File.WriteAllBytes(rig.File("a.log.1.gz"), whole[..(whole.Length / 2)]);
        File.WriteAllBytes(rig.File("a.log.2.gz"), Encoding.ASCII.GetBytes("not a gzip file at all"));
        rig.Append("a.log", "new\n");
        rig.Follow("a.log", also: s => s with { ReadRotated = true });
        rig.Start();
        await rig.UntilRecordsAsync(1);
        await rig.UntilAsync(() => rig.Metrics.Total().Dropped.GetValueOrDefault("torn_gzip") == 2, "both to be counted");
        File.WriteAllBytes(rig.File("a.log.1.gz"), whole);
        File.Move(rig.File("a.log"), rig.File("a.log.3"));
        rig.Append("a.log", "newer\n");
        await rig.UntilRecordsAsync(s_lines.Length + 2);
        Assert.Equal(2, rig.Metrics.Total().Dropped["torn_gzip"]);
        await rig.ExpectAsync([.. s_lines, "new", "newer"]);
    }

    [Fact]
    public async Task Two_compressed_files_with_equal_beginnings_are_told_apart()
    {
        await using var rig = new CollectorRig();
        var head = new string('=', 2000);
        string[] first = [head, "first"];
        rig.Append("a.log", Text(first));
        rig.Follow("a.log", also: s => s with { ReadRotated = true });
        rig.Start();
        await rig.UntilRecordsAsync(2);
        await rig.StopAsync();
        Compress(rig.File("a.log"), rig.File("a.log.2.gz"));
        Compress(rig.Append("other", Text([head, "other"])), rig.File("a.log.1.gz"));
        rig.Append("a.log", Text([head, "third"]));
        rig.Start();
        await rig.UntilAsync(() => rig.Records.Count >= 6, "two more files");
        await rig.StopAsync();
        Assert.Equal([head, head, head, "first", "other", "third"], rig.Records.Select(r => r.Text).Order(StringComparer.Ordinal));
    }

    private static string Text(IEnumerable<string> lines) => string.Concat(lines.Select(l => l + "\n"));

    /// <summary>As gzip does: the new file beside, then the old one goes.</summary>
    private static void Compress(string from, string to)
    {
        using (var text = File.OpenRead(from))
        using (var gzip = new GZipStream(File.Create(to), CompressionLevel.Fastest))
        {
            text.CopyTo(gzip);
        }

        File.Delete(from);
    }
}

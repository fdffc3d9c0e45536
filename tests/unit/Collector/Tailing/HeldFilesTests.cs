using Microsoft.Extensions.Logging;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Tailing;

public sealed class HeldFilesTests
{
    [Fact]
    [Trait("Scenario", "R14")]
    public async Task A_deleted_file_is_read_to_its_end_and_its_handle_is_freed()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", "1\n2\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(2);
        Assert.Contains(rig.File("a.log"), OpenHandles());
        File.Delete(rig.File("a.log"));
        await rig.UntilAsync(() => rig.Tail.Status is { OpenFiles: 0 }, "the file to be closed");
        Assert.DoesNotContain(OpenHandles(), h => h.StartsWith(rig.File("a.log"), StringComparison.Ordinal));
        await rig.ExpectAsync("1", "2");
    }

    [Theory]
    [Trait("Scenario", "R15")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_deleted_file_that_cannot_be_delivered_is_held_within_the_bound_and_then_let_go_and_counted(bool byBytes)
    {
        await using var rig = new CollectorRig();
        rig.Options.WindowBatchesPerTarget = 1;
        rig.Options.ReadBytes = 16 * 1024;
        rig.Options.BatchBytesMax = 64 * 1024;
        rig.Options.HeldDeletedBytesMax = byBytes ? 1024 * 1024 : long.MaxValue;
        rig.Options.HeldDeletedTimeMax = byBytes ? TimeSpan.FromHours(1) : TimeSpan.FromMilliseconds(100);
        rig.Publisher.Hold = true;
        var line = new string('x', 1000) + "\n";
        rig.Append("a.log", string.Concat(Enumerable.Repeat(line, 3000)));
        rig.Append("b.log", "small\n");
        rig.Follow("a.log");
        rig.Follow("b.log", target: "other");
        rig.Start();
        await rig.UntilAsync(() => rig.Publisher.Held.Length >= 2, "the batches to hang");
        File.Delete(rig.File("a.log"));
        await rig.UntilAsync(() => rig.Log.Of(LogLevel.Error).Any(e => e.Contains("are lost", StringComparison.Ordinal)), "the loss to be said");
        Assert.DoesNotContain(OpenHandles(), h => h.StartsWith(rig.File("a.log"), StringComparison.Ordinal));
        Assert.Equal([byBytes ? "held_bytes" : "held_time"], rig.Metrics.Total().Dropped.Keys);
        rig.Publisher.Hold = false;
        rig.Publisher.Confirm(_ => true);
        rig.Append("a.log", "new\n");
        rig.Append("b.log", "more\n");
        await rig.UntilAsync(() => rig.Records.Any(r => r.Text == "new") && rig.Records.Any(r => r.Text == "more"), "what is written now");
        await rig.StopAsync();
        rig.AssertNoError();
    }

    private static string[] OpenHandles() =>
        [.. Directory.GetFiles("/proc/self/fd").Select(f => new FileInfo(f).LinkTarget).OfType<string>()];
}

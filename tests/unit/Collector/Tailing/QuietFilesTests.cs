using Xunit;

namespace Tributary.Tests.Unit.Collector.Tailing;

/// <summary>Files that did not change lately are looked at less often; what happens to them is seen all the same.</summary>
public sealed class QuietFilesTests
{
    [Fact]
    public async Task A_quiet_file_among_many_that_grows_is_read_on()
    {
        await using var rig = Quiet();
        for (var i = 0; i < 30; i++)
        {
            rig.Append($"{i}.log", $"{i}\n");
            rig.Follow($"{i}.log");
        }

        rig.Start();
        await rig.UntilRecordsAsync(30);
        rig.Append("7.log", "more\n");
        rig.Append("29.log", "more\n");
        await rig.ExpectAsync([.. Enumerable.Range(0, 30).Select(i => $"{i}"), "more", "more"]);
    }

    [Fact]
    public async Task A_quiet_file_that_is_replaced_or_cut_is_read_anew()
    {
        await using var rig = Quiet();
        rig.Append("moved.log", "1\n");
        rig.Append("cut.log", "2 and more\n");
        rig.Follow("moved.log");
        rig.Follow("cut.log");
        rig.Start();
        await rig.UntilRecordsAsync(2);
        File.Move(rig.File("moved.log"), rig.File("moved.log.1"));
        rig.Append("moved.log", "3\n");
        File.WriteAllText(rig.File("cut.log"), "4\n");
        await rig.ExpectAsync("1", "2 and more", "3", "4");
    }

    [Fact]
    public async Task An_unfinished_line_of_a_quiet_file_is_delivered_in_time()
    {
        await using var rig = Quiet();
        rig.Options.UnterminatedAfter = TimeSpan.FromMilliseconds(50);
        rig.Append("a.log", "1\n2");
        rig.Follow("a.log");
        rig.Start();
        await rig.ExpectAsync("1", "2");
    }

    private static CollectorRig Quiet()
    {
        var rig = new CollectorRig();
        rig.Options.QuietAfter = TimeSpan.Zero;
        return rig;
    }
}

using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Tailing;

public sealed class BadFilesTests
{
    [Fact]
    [Trait("Scenario", "R25")]
    public async Task What_cannot_be_read_is_reported_once_and_the_others_go_on()
    {
        await using var rig = new CollectorRig();
        Directory.CreateDirectory(rig.File("folder"));
        await MakeFifoAsync(rig.File("fifo"));
        File.CreateSymbolicLink(rig.File("loop"), rig.File("loop"));
        MakeUnreadable(rig.File("secret"));
        string[] bad = ["folder", "fifo", "loop", "secret", "missing", "folder/below/nothing", "nul\0name"];
        rig.Append("good.log", "1\n");
        rig.Append("nul", "the name goes on after a NUL\n");
        foreach (var name in bad)
        {
            rig.Follow(name);
        }

        rig.Follow("good.log");
        rig.Start();
        await rig.UntilRecordsAsync(1);
        rig.Append("good.log", "2\n");
        await rig.UntilRecordsAsync(2);
        await rig.UntilAsync(() => rig.Log.Of(LogLevel.Warning).Length >= bad.Length, "the reports");
        var status = rig.Tail.Status;
        await rig.UntilAsync(() => !ReferenceEquals(status, rig.Tail.Status), "another look");
        rig.Append("missing", "3\n");
        await rig.ExpectAsync("1", "2", "3");
        foreach (var name in bad)
        {
            Assert.Single(rig.Log.Of(LogLevel.Warning), w => w.Contains($"{rig.File(name)} is not read", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task What_is_to_be_drained_and_cannot_be_read_ends_and_is_counted()
    {
        await using var rig = new CollectorRig();
        rig.Options.CloseAfterQuiet = TimeSpan.Zero;
        Directory.CreateDirectory(rig.File("folder"));
        MakeUnreadable(rig.File("secret"));
        File.CreateSymbolicLink(rig.File("loop"), rig.File("loop"));
        rig.Append("good.log", "1\n2");
        foreach (var name in (string[])["folder", "secret", "missing", "loop", "good.log"])
        {
            rig.Follow(name, also: s => s with { Growing = false });
        }

        rig.Start();
        await rig.Tail.Drained.WaitAsync(CollectorRig.Patience);
        Assert.Equal(["io", "not_a_file", "permission", "vanished"], rig.Metrics.Total().Dropped.Keys);
        await rig.ExpectAsync("1", "2");
    }

    [Fact]
    public async Task A_rotated_file_that_cannot_be_read_does_not_stop_the_current_one()
    {
        await using var rig = new CollectorRig();
        MakeUnreadable(rig.File("a.log.2"));
        rig.Append("a.log.1", "1\n");
        rig.Append("a.log", "2\n");
        rig.Follow("a.log", also: s => s with { ReadRotated = true });
        rig.Start();
        await rig.ExpectAsync("1", "2");
        Assert.Single(rig.Log.Of(LogLevel.Warning));
    }

    [Fact]
    public async Task A_file_that_becomes_a_folder_and_a_file_again_is_followed_again()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", "1\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(1);
        File.Delete(rig.File("a.log"));
        Directory.CreateDirectory(rig.File("a.log"));
        await rig.UntilAsync(() => rig.Log.Of(LogLevel.Warning).Length == 1, "the report");
        Directory.Delete(rig.File("a.log"));
        rig.Append("a.log", "2\n");
        await rig.ExpectAsync("1", "2");
    }

    [Fact]
    public async Task More_files_than_may_be_open_wait_and_come_when_there_is_room()
    {
        await using var rig = new CollectorRig();
        rig.Options.OpenFilesMax = 16;
        rig.Options.CloseAfterQuiet = TimeSpan.Zero;
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => $"line {i}")];
        for (var i = 0; i < texts.Length; i++)
        {
            rig.Append($"{i}.log", texts[i] + "\n");
            rig.Follow($"{i}.log", also: s => s with { Growing = false });
        }

        rig.Start();
        await rig.Tail.Drained.WaitAsync(CollectorRig.Patience);
        Assert.Single(rig.Log.Of(LogLevel.Error), e => e.Contains("16 files are open", StringComparison.Ordinal));
        await rig.ExpectAsync(texts);
    }

    /// <summary>A file that not even root may read, or one without permission where that is enough.</summary>
    private static void MakeUnreadable(string path)
    {
        if (Environment.IsPrivilegedProcess)
        {
            File.CreateSymbolicLink(path, "/proc/sys/vm/drop_caches");
        }
        else if (!OperatingSystem.IsWindows())
        {
            File.WriteAllText(path, "secret\n");
            File.SetUnixFileMode(path, UnixFileMode.None);
        }
    }

    private static async Task MakeFifoAsync(string path)
    {
        using var made = Process.Start("mkfifo", [path]);
        await made.WaitForExitAsync();
        Assert.Equal(0, made.ExitCode);
    }
}

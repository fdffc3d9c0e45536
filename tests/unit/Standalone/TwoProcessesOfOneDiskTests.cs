using System.Text.Json;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Standalone;

public sealed class TwoProcessesOfOneDiskTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = new("disks");

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("Scenario", "R17")]
    public async Task Two_processes_never_read_one_disk_and_the_second_follows_a_killed_first_without_a_loss()
    {
        var root = _folder.MakeFolder("data");
        var log = Path.Combine(root, "a.log");
        Write(log, 1, 500);
        await using var first = Start("first", root, log);
        await UntilAsync(() => Bodies("first").Count == 500, first);
        await using var second = Start("second", root, log);
        await second.WaitForLineAsync(l => l.Contains("another process of this machine", StringComparison.Ordinal), Patience);
        Write(log, 501, 1000);
        await UntilAsync(() => Bodies("first").Count == 1000, first);
        Assert.Empty(Bodies("second"));
        first.Signal(UnixSignal.Kill);
        Write(log, 1001, 1500);
        await UntilAsync(() => Bodies("second").Contains("line 1500"), second);
        var came = Bodies("first").Concat(Bodies("second")).ToArray();
        Assert.Equal(Enumerable.Range(1, 1500).Select(i => $"line {i}").Order(StringComparer.Ordinal), came.Distinct().Order(StringComparer.Ordinal));
        Assert.True(Bodies("second").Count < 1500, "The second began anew.");
    }

    private static void Write(string path, int from, int to) =>
        File.AppendAllLines(path, Enumerable.Range(from, to - from + 1).Select(i => $"line {i}"));

    private ChildProcess Start(string name, string root, string log) => ChildProcess.Start(
        "dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "tributary.dll"), "collect", log, "--format", "raw", "--store", root,
            "--state", _folder.Combine(name, "state"), "--to", "file:" + _folder.Combine(name, "out"),
        ],
        workingFolder: _folder);

    private List<string> Bodies(string name)
    {
        var folder = _folder.Combine(name, "out");
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.ndjson", SearchOption.AllDirectories) : [];
        return [.. files.SelectMany(File.ReadLines).Where(l => l.EndsWith('}')).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("body").GetString()!)];
    }

    private static Task UntilAsync(Func<bool> condition, ChildProcess process) =>
        Eventually.TrueAsync(condition, Patience, $"the lines; it said: {string.Join(" | ", process.Lines.TakeLast(5))}");
}

using System.Text.Json;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Tailing;
using Tributary.Standalone;
using Tributary.Standalone.Checkpoints;
using Tributary.Testing;
using Tributary.Tests.Unit.Collector;
using Xunit;

namespace Tributary.Tests.Unit.Standalone;

public sealed class CheckpointsRunTests : IDisposable
{
    private readonly TempFolder _folder = new("show");
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    public void Dispose()
    {
        _output.Dispose();
        _errors.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Each_checkpoint_is_a_line_beside_a_running_collector_and_nothing_is_changed()
    {
        var path = _folder.Write("a.log", "0123456789");
        var stat = FileStat.OfPath(path)!.Value;
        using var store = CheckpointStore.Open(_folder.Combine("state", "collector"), new CapturedLogs());
        store.WriteSnapshot([CheckpointCodec.Encode(Of(path, stat.Key.Inode)), CheckpointCodec.Encode(Of(path + ".gone", 1) with { Size = 7, GoneSince = 1_795_255_200 })]);
        var before = Content();
        Assert.Equal(ExitCodes.Ok, Run(json: true));
        var lines = _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        Assert.Equal(2, lines.Length);
        Assert.Equal(("0123456789abcdef0123", path, "t", "shop/tomcat"), (lines[0].GetProperty("source_id").GetString(), lines[0].GetProperty("path").GetString(), lines[0].GetProperty("target").GetString(), lines[0].GetProperty("declaration").GetString()));
        Assert.Equal((4, 10, 6), (lines[0].GetProperty("offset").GetInt64(), lines[0].GetProperty("size").GetInt64(), lines[0].GetProperty("lag").GetInt64()));
        Assert.Equal((JsonValueKind.Null, 3), (lines[1].GetProperty("size").ValueKind, lines[1].GetProperty("lag").GetInt64()));
        Assert.Equal("2026-11-21T10:00:00Z", lines[1].GetProperty("gone_since").GetString());
        Assert.Equal(ExitCodes.Ok, Run(json: false));
        Assert.Contains(path, _output.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, Content());
        Assert.Empty(_errors.ToString());
    }

    [Fact]
    public void A_folder_without_checkpoints_and_damaged_ones_are_told()
    {
        Assert.Equal(ExitCodes.Failed, Run(json: false));
        Assert.Contains("--state", _errors.ToString(), StringComparison.Ordinal);
        _folder.MakeFolder("state", "collector");
        _folder.Write("state/collector/snapshot.1", "tributary-checkpoints 2 snapshot 1\nno entry");
        Assert.Equal(ExitCodes.Ok, Run(json: false));
        Assert.Contains("torn or damaged", _errors.ToString(), StringComparison.Ordinal);
    }

    private int Run(bool json) => CheckpointsRun.Run(_folder.Combine("state"), json, _output, _errors);

    private string Content() => string.Join('|', Directory.GetFiles(_folder.Combine("state", "collector")).Order(StringComparer.Ordinal).Where(f => !f.EndsWith("lock", StringComparison.Ordinal)).Select(f => f + Convert.ToHexString(File.ReadAllBytes(f))));

    private static Checkpoint Of(string path, ulong inode) => new()
    {
        SourceId = "0123456789abcdef0123",
        Path = path,
        Declaration = "shop/tomcat",
        Target = "t",
        Device = 1,
        Inode = inode,
        Stdout = new(4, 0, false),
        Stderr = new(4, 0, false),
    };
}

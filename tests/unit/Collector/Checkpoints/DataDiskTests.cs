using System.Globalization;
using System.Text;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Tailing;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Checkpoints;

public sealed class DataDiskTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new("disk");
    private readonly CollectorRig _first = new();
    private readonly CollectorRig _second = new();

    private string Root => _folder.MakeFolder("data");

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_disk_holds_its_own_checkpoints_and_the_node_the_others()
    {
        Use(_first, Root);
        Append("1\n");
        _first.Append("b.log", "2\n");
        _first.Follow("b.log");
        _first.Start();
        await _first.UntilRecordsAsync(2);
        await _first.RestartAsync();
        Append("3\n");
        await _first.ExpectAsync("1", "2", "3");
        var onDisk = Assert.Single(CheckpointReader.Read(Path.Combine(Root, ".tributary")).Checkpoints);
        Assert.Equal(("a.log", 0UL, 4L), (onDisk.Path, onDisk.Device, onDisk.Offset));
        Assert.Equal(_first.File("b.log"), Assert.Single(CheckpointReader.Read(Path.Combine(_first.State, "collector")).Checkpoints).Path);
        Assert.Equal(Path.Combine(Root, "a.log"), Assert.Single(CheckpointReader.Read(Path.Combine(Root, ".tributary"), new StoreRoot(Root)).Checkpoints).Path);
    }

    [Fact]
    public async Task A_disk_that_moves_to_another_node_and_mount_point_is_read_on_there_under_the_same_ids()
    {
        Use(_first, Root);
        Append("1\n");
        _first.Start();
        await _first.UntilRecordsAsync(1);
        await _first.StopAsync();
        var elsewhere = _folder.Combine("mnt");
        Directory.Move(Root, elsewhere);
        Use(_second, elsewhere);
        File.AppendAllText(Path.Combine(elsewhere, "a.log"), "2\n");
        _second.Start();
        await _second.ExpectAsync("2");
        Assert.Equal(_first.Records[0].SourceId, _second.Records[0].SourceId);
    }

    [Fact]
    public async Task A_second_node_waits_says_so_and_reads_on_when_the_first_has_stopped()
    {
        Use(_first, Root);
        Use(_second, Root);
        Append("1\n");
        _first.Start();
        await _first.UntilRecordsAsync(1);
        _second.Start();
        await _second.UntilAsync(() => _second.Tail.Status.Sources.Any(s => s.Problem?.Contains("not read now", StringComparison.Ordinal) == true), "the second to say so");
        Append("2\n");
        await _first.UntilRecordsAsync(2);
        Assert.Empty(_second.Records);
        await _first.StopAsync();
        Append("3\n");
        await _second.ExpectAsync("3");
        Assert.Equal(["1", "2"], _first.Records.Select(r => r.Text));
    }

    [Fact]
    public async Task A_holder_that_finds_a_higher_epoch_stops_reading_at_once_and_goes_on_when_that_one_is_silent()
    {
        Use(_first, Root);
        Append("1\n");
        _first.Append("b.log", "own\n");
        _first.Follow("b.log");
        _first.Start();
        await _first.UntilRecordsAsync(2);
        await _first.UntilAsync(() => CheckpointReader.Read(Path.Combine(Root, ".tributary")).Checkpoints.Any(c => c.Offset == 2), "the checkpoint");
        var alive = new CancellationTokenSource();
        var other = BeatAsync(Path.Combine(Root, ".tributary", "lease.2"), alive.Token);
        await _first.UntilAsync(() => _first.Tail.Status.OpenFiles == 1, "the disk's file to be closed");
        Append("2\n");
        _first.Append("b.log", "own again\n");
        await _first.UntilRecordsAsync(3);
        Assert.Contains(_first.Log.Of(Microsoft.Extensions.Logging.LogLevel.Error), e => e.Contains("took over", StringComparison.Ordinal));
        Assert.DoesNotContain(_first.Records, r => r.Text == "2");
        await alive.CancelAsync();
        await other;
        await _first.UntilRecordsAsync(4);
        await _first.StopAsync();
        Assert.Equal(["1", "2", "own", "own again"], _first.Records.Select(r => r.Text).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(Path.Combine(Root, ".tributary", "lease.3")));
    }

    [Fact]
    public async Task A_disk_that_is_not_there_yet_is_waited_for()
    {
        var late = _folder.Combine("late");
        Use(_first, late);
        _first.Append("b.log", "own\n");
        _first.Follow("b.log");
        _first.Start();
        await _first.UntilRecordsAsync(1);
        Directory.CreateDirectory(_folder.Combine("made"));
        File.WriteAllText(_folder.Combine("made", "a.log"), "1\n");
        Directory.Move(_folder.Combine("made"), late);
        await _first.ExpectAsync("own", "1");
    }

    private static void Use(CollectorRig rig, string root)
    {
        rig.Options.StoreLeaseTime = TimeSpan.FromMilliseconds(1200);
        rig.Options.Stores.Add(root);
        rig.Follow(new SourceSpec { Key = "disk", DisplayName = "disk", Path = Path.Combine(root, "a.log"), Format = Tributary.Contracts.LogFormat.Raw });
    }

    private void Append(string text) => File.AppendAllText(Path.Combine(Root, "a.log"), text);

    /// <summary>Another node, alive.</summary>
    private static async Task BeatAsync(string path, CancellationToken stop)
    {
        for (var beat = 0; !stop.IsCancellationRequested; beat++)
        {
            var content = string.Create(CultureInfo.InvariantCulture, $"tributary-lease 1 2 othertoken {beat} held otherboot node-b 2026").PadRight(511) + "\n";
            await File.WriteAllBytesAsync(path, Encoding.ASCII.GetBytes(content), CancellationToken.None);
            await Task.Delay(100, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

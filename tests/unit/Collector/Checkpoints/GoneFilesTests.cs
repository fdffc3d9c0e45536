using System.Diagnostics;
using System.IO.Compression;
using Microsoft.Extensions.Logging;
using Tributary.Collector;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Tailing;
using Tributary.Testing;
using Tributary.Tests.Unit.Discovery;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Checkpoints;

public sealed class GoneFilesTests : IDisposable
{
    private readonly TempFolder _folder = new("gone");
    private readonly SettableTime _time = new(new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero));
    private readonly CheckpointHome _home = new((CheckpointStore?)null);
    private readonly CollectorMetrics _metrics = new();
    private readonly CapturedLogs _log = new();

    public void Dispose()
    {
        _metrics.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_file_that_went_with_unread_bytes_while_down_is_a_loss_with_its_range_counted_once()
    {
        await using var rig = new CollectorRig();
        rig.Append("a.log", "1\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilAsync(() => Saved(rig) is [{ Offset: 2 }], "the first line's checkpoint");
        rig.Publisher.Hold = true;
        rig.Append("a.log", "22\n");
        await rig.UntilAsync(() => Saved(rig) is [{ Size: 5 }], "the size");
        await rig.KillAsync();
        File.Delete(rig.File("a.log"));
        rig.Start();
        await rig.UntilAsync(() => rig.Metrics.Total().Dropped.GetValueOrDefault("gone_unread") == 3, "the loss");
        Assert.Contains("bytes 2 to 5", Assert.Single(rig.Log.Of(LogLevel.Warning), w => w.Contains("is gone", StringComparison.Ordinal)), StringComparison.Ordinal);
        await rig.UntilAsync(() => Saved(rig) is [{ GoneSince: > 0 }], "the tombstone");
        await rig.KillAsync();
        rig.Start();
        await rig.UntilAsync(() => rig.Gone.Looks > 0, "another look");
        await rig.StopAsync();
        Assert.Single(rig.Log.Of(LogLevel.Warning), w => w.Contains("is gone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_was_replaced_in_its_place_while_down_is_a_loss_of_what_was_not_read()
    {
        await using var rig = new CollectorRig();
        rig.Publisher.Hold = true;
        rig.Append("a.log", "an old line\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilAsync(() => Saved(rig) is [{ Size: 12 }], "the size");
        await rig.KillAsync();

        // The same inode, as a file system gives it to the next file.
        File.WriteAllText(rig.File("a.log"), "another line\n");
        rig.Start();
        await rig.UntilAsync(() => rig.Metrics.Total().Dropped.GetValueOrDefault("gone_unread") == 12, "the loss");
        await rig.UntilAsync(() => rig.Publisher.Records.Any(r => r.Text == "another line"), "the new line");
        rig.AssertNoError();
    }

    [Theory]
    [InlineData("renamed")]
    [InlineData("compressed")]
    [InlineData("copied")]
    [InlineData("read to its end")]
    [InlineData("not mounted")]
    [InlineData("cannot be looked at")]
    public async Task What_may_still_be_read_or_was_is_no_loss(string how)
    {
        var path = _folder.Write("a.log", "one line\n");
        var checkpoint = Of(path);
        switch (how)
        {
            case "renamed":
                File.Move(path, path + ".elsewhere");
                break;
            case "copied":
                File.Copy(path, path + "-20261121");
                File.Delete(path);
                break;
            case "compressed":
                using (var gzip = new GZipStream(File.Create(path + ".1.gz"), CompressionLevel.Fastest))
                {
                    gzip.Write(File.ReadAllBytes(path));
                }

                File.Delete(path);
                break;
            case "read to its end":
                File.Delete(path);
                checkpoint = checkpoint with { Stdout = new(9, 0, false), Stderr = new(9, 0, false) };
                break;
            case "not mounted":
                File.Delete(path);
                checkpoint = checkpoint with { Device = checkpoint.Device + 1 };
                break;
            default:
                File.CreateSymbolicLink(_folder.Combine("loop"), "loop");
                checkpoint = checkpoint with { Path = _folder.Combine("loop", "a.log"), Inode = 1 };
                break;
        }

        var known = Known([checkpoint]);
        await LookAsync(known);
        Assert.Empty(_metrics.Total().Dropped);
        Assert.Equal(how == "read to its end" ? _time.Now.ToUnixTimeSeconds() : 0, Assert.Single(known.All).GoneSince);
    }

    [Fact]
    public async Task A_compressed_file_with_other_content_does_not_hide_a_loss()
    {
        var path = _folder.Write("a.log", "one line\n");
        var known = Known([Of(path)]);
        File.Delete(path);
        using (var gzip = new GZipStream(File.Create(path + ".1.gz"), CompressionLevel.Fastest))
        {
            gzip.Write("two line\n"u8);
        }

        _folder.Write("a.log.2.gz", "no gzip file");
        await LookAsync(known);
        Assert.Equal(9, _metrics.Total().Dropped["gone_unread"]);
    }

    [Fact]
    public async Task A_tombstone_stays_for_its_age_and_a_file_that_comes_back_keeps_it()
    {
        var path = _folder.Write("logs/a.log", "one line\n");
        var known = Known([Of(path)]);
        File.Move(path, _folder.Combine("aside"));
        var gone = await LookAsync(known);
        Assert.NotEqual(0, known.All.Single().GoneSince);
        _time.Now += TimeSpan.FromMinutes(50);
        File.Move(_folder.Combine("aside"), path);
        await LookAsync(known, gone);
        Assert.Equal(0, known.All.Single().GoneSince);
        File.Delete(path);
        foreach (var (minutes, left) in (IEnumerable<(int, int)>)[(50, 1), (50, 1), (50, 0)])
        {
            _time.Now += TimeSpan.FromMinutes(minutes);
            await LookAsync(known, gone);
            Assert.Equal(left, known.Count);
        }
    }

    [Fact]
    [Trait("Scenario", "R46")]
    public async Task A_hundred_thousand_old_checkpoints_are_collected_without_holding_the_loop_up()
    {
        var device = FileStat.OfPath(_folder)!.Value.Key.Device;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var known = Known(
            Enumerable.Range(0, 100_000).Select(i => new Checkpoint
            {
                SourceId = i.ToString("x20"),
                Path = $"{_folder.Path}/containers/{i:x64}/{i:x64}-json.log",
                Declaration = "stdout",
                Target = "default",
                Device = device,
                Inode = (ulong)i,
                FingerprintLength = 1024,
                FingerprintHash = ulong.MaxValue / 3,
                Stdout = new(1_000_000, 0, false),
                Stderr = new(1_000_000, 0, false),
                Size = 1_000_000,
                LastSeen = _time.Now.ToUnixTimeSeconds(),
            }));
        Assert.InRange((GC.GetTotalMemory(forceFullCollection: true) - before) / 100_000, 1, 500);
        var longest = TimeSpan.Zero;
        var gone = Gone(known);
        await LookAsync(known, gone, took => longest = took > longest ? took : longest);
        Assert.Equal(100_000, known.Count);
        _time.Now += TimeSpan.FromMinutes(61);
        await LookAsync(known, gone, took => longest = took > longest ? took : longest);
        Assert.Equal(0, known.Count);
        Assert.True(longest < TimeSpan.FromMilliseconds(500), $"A round took {longest.TotalMilliseconds} ms.");
        Assert.Empty(_metrics.Total().Dropped);
        using var store = CheckpointStore.Open(_folder.Combine("state"), _log);
        store.WriteSnapshot([.. known.Entries.Select(e => e.Encoded)]);
        store.Append(_home.Changes.Take());
        Assert.Empty(CheckpointReader.Read(_folder.Combine("state")).Checkpoints);
    }

    private KnownFiles Known(IEnumerable<Checkpoint> loaded)
    {
        var known = new KnownFiles();
        known.Add(_home, loaded);
        return known;
    }

    private GoneFiles Gone(KnownFiles known) =>
        new(known, new CollectorOptions(), _metrics, _time, new LoggerFactory([_log]).CreateLogger<GoneFiles>());

    /// <summary>Ticks as the loop does until one look is taken in.</summary>
    private async Task<GoneFiles> LookAsync(KnownFiles known, GoneFiles? gone = null, Action<TimeSpan>? took = null)
    {
        gone ??= Gone(known);
        var looks = gone.Looks;
        while (gone.Looks == looks || !gone.IsIdle)
        {
            var started = Stopwatch.GetTimestamp();
            gone.Tick();
            took?.Invoke(Stopwatch.GetElapsedTime(started));
            await Task.Yield();
        }

        return gone;
    }

    private Checkpoint Of(string path)
    {
        using var file = File.OpenHandle(path);
        var (stat, fingerprint) = (FileStat.OfHandle(file), Fingerprint.Of(file));
        return new Checkpoint
        {
            SourceId = "0123456789abcdef0123",
            Path = path,
            Target = "default",
            Device = stat.Key.Device,
            Inode = stat.Key.Inode,
            FingerprintLength = fingerprint.Length,
            FingerprintHash = fingerprint.Hash,
            Size = stat.Size,
            LastSeen = _time.Now.ToUnixTimeSeconds(),
        };
    }

    private static Checkpoint[] Saved(CollectorRig rig) => [.. CheckpointReader.Read(Path.Combine(rig.State, "collector")).Checkpoints];
}

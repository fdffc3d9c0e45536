using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Shipper;
using Tributary.Shipper.Outputs;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Integration.Shipper;

/// <summary>The file output on a real file system that is full (a tmpfs of 1 MiB, which needs root).</summary>
public sealed class FullDiskTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly TempFolder _folder = new("full");
    private readonly ShipperMetrics _metrics = new();

    public void Dispose()
    {
        _metrics.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_full_disk_leaves_whole_lines_only_and_the_rest_follows_when_there_is_room()
    {
        var disk = _folder.MakeFolder("disk");
        await ChildProcess.RunAsync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], Timeout);
        var filler = Path.Combine(disk, "filler");
        await File.WriteAllBytesAsync(filler, new byte[900_000]);
        using var output = new FileOutput(disk, TimeProvider.System, _metrics, NullLogger.Instance);
        var writes = new List<Task>();
        var start = Stopwatch.GetTimestamp();
        while (writes.All(w => w.IsCompleted))
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Timeout, "the disk was never full");
            var batch = TestBatch.Make("t", writes.Count * TestBatch.RecordsEach);
            writes.Add(WriteAsync(output, batch));
            await Task.WhenAny(writes[^1], Task.Delay(300));
        }

        var before = TestBatch.Numbers(disk, "t");
        Assert.Equal(Enumerable.Range(0, (writes.Count - 1) * TestBatch.RecordsEach), before);
        Assert.False(writes[^1].IsCompleted);

        File.Delete(filler);

        await Task.WhenAll(writes).WaitAsync(Timeout);
        Assert.Equal(Enumerable.Range(0, writes.Count * TestBatch.RecordsEach), TestBatch.Numbers(disk, "t"));
    }

    private static async Task WriteAsync(FileOutput output, Tributary.Contracts.Batches.LogBatch batch)
    {
        using var request = batch.Open();
        await output.WriteAsync(batch, request.Memory, CancellationToken.None);
    }
}

using Tributary.Contracts.Batches;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Tailing;

public sealed class FairShareTests
{
    private const int Kibi = 1024;

    [Theory]
    [Trait("Scenario", "R45")]
    [InlineData(20, 64, 1)]
    [InlineData(500, 1024, 2)]
    public async Task While_one_file_fills_the_window_lines_of_quiet_ones_go_with_the_next_batch(int quiet, int batchKibi, int within)
    {
        await using var rig = new CollectorRig();
        rig.Options.BatchBytesMax = batchKibi * Kibi;
        rig.Options.WindowBatchesPerTarget = 2;
        rig.Publisher.Hold = true;
        rig.Append("hot.log", Lines("h", 0, 24 * batchKibi, 1000));
        rig.Follow("hot.log");
        for (var i = 0; i < quiet; i++)
        {
            rig.Append($"{i}.log", $"{i}: 0\n");
            rig.Follow($"{i}.log");
        }

        rig.Start();
        await rig.UntilAsync(() => rig.Publisher.Held.Length == 2 && rig.Tail.Status.Sources.Count == quiet + 1, "a full window");
        for (var turn = 1; turn <= 5; turn++)
        {
            await LooksAsync(rig, 2);
            for (var i = 0; i < quiet; i++)
            {
                rig.Append($"{i}.log", $"{i}: {turn}\n");
            }

            await LooksAsync(rig, 4);
            var before = rig.Publisher.AttemptCount;
            for (var i = 0; i < within; i++)
            {
                await ConfirmOneAsync(rig);
            }

            var suffix = $": {turn}";
            var came = Batches(rig)[before..].SelectMany(Delivered.Of).Count(r => r.Text.EndsWith(suffix, StringComparison.Ordinal));
            Assert.Equal(quiet, came);
        }

        rig.Publisher.Hold = false;
        rig.Publisher.Confirm(_ => true);
        await rig.ExpectAsync([.. Texts("h", 0, 24 * batchKibi, 1000), .. Enumerable.Range(0, quiet).SelectMany(i => Enumerable.Range(0, 6).Select(t => $"{i}: {t}"))]);
    }

    [Fact]
    [Trait("Scenario", "R45")]
    public async Task Hungry_sources_share_by_bytes_what_the_next_hop_takes()
    {
        await using var rig = new CollectorRig();
        rig.Options.BatchBytesMax = 64 * Kibi;
        rig.Options.ReadBytes = 16 * Kibi;
        rig.Options.WindowBatchesPerTarget = 1;
        rig.Publisher.Hold = true;
        for (var i = 0; i < 7; i++)
        {
            // Long lines and short ones: the share is of bytes.
            rig.Append($"{i}.log", Lines($"{i}", 0, 1000 * Kibi / (i + 1), 600 * (i + 1)));
            rig.Follow($"{i}.log");
        }

        rig.Start();
        await rig.UntilAsync(() => rig.Publisher.Held.Length == 1 && rig.Tail.Status.Sources.Count == 7, "a full window");
        await LooksAsync(rig, 2);
        for (var i = 0; i < 30; i++)
        {
            await ConfirmOneAsync(rig);
        }

        // The first ones were filled before all files were open.
        var shares = Batches(rig)[3..].SelectMany(b => b.Sources).GroupBy(s => s.SourceId).Select(g => g.Sum(s => s.End - s.Start)).ToArray();
        Assert.Equal(7, shares.Length);
        Assert.InRange(shares.Max() - shares.Min(), 0, 3 * 16 * Kibi);
        Assert.InRange(shares.Min(), 150 * Kibi, 400 * Kibi);
    }

    private static LogBatch[] Batches(CollectorRig rig) => [.. rig.Publisher.Attempts];

    /// <summary>Makes room for one batch and waits until it is taken.</summary>
    private static async Task ConfirmOneAsync(CollectorRig rig)
    {
        var attempts = rig.Publisher.AttemptCount;
        var oldest = rig.Publisher.Held[0];
        rig.Publisher.Confirm(b => b == oldest);
        await rig.UntilAsync(() => rig.Publisher.AttemptCount > attempts, "the next batch");
        await LooksAsync(rig, 1);
    }

    private static async Task LooksAsync(CollectorRig rig, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            var status = rig.Tail.Status;
            await rig.UntilAsync(() => !ReferenceEquals(status, rig.Tail.Status), "another look");
        }
    }

    private static string[] Texts(string name, int first, int count, int length) =>
        [.. Enumerable.Range(first, count).Select(i => name + LogLines.Text(i, length))];

    private static string Lines(string name, int first, int count, int length) =>
        string.Concat(Texts(name, first, count, length).Select(t => t + "\n"));
}

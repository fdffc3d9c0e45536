using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Collector.Checkpoints;
using Tributary.Contracts.Batches;
using Xunit;
using LogFormat = Tributary.Contracts.LogFormat;

namespace Tributary.Tests.Unit.Collector.Counting;

public sealed class TallyOverRestartsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_checkpoint_counts_each_byte_line_and_record_once_however_often_it_is_killed(int seed)
    {
        var random = new Random(seed);
        await using var rig = new CollectorRig();
        rig.Follow("c.log", LogFormat.Cri);
        rig.Start();
        var records = 0;
        for (var step = 0; step < 12; step++)
        {
            for (var line = random.Next(20); line >= 0; line--)
            {
                var partial = random.Next(3) == 0;
                rig.Append("c.log", LogLines.Cri("line " + line.ToString(CultureInfo.InvariantCulture), random.Next(2) == 0 ? "stdout" : "stderr", partial, at: step));
            }

            rig.Append("c.log", LogLines.Cri("ends", "stdout") + LogLines.Cri("ends", "stderr"));
            if (random.Next(2) == 0)
            {
                rig.Append("c.log", LogLines.Cri("open", random.Next(2) == 0 ? "stdout" : "stderr", partial: true));
            }

            records = Joined(File.ReadAllLines(rig.File("c.log")));
            if (random.Next(2) == 0)
            {
                await rig.UntilRecordsAsync(records);
            }

            await rig.KillAsync();
            rig.Start();
        }

        rig.Append("c.log", LogLines.Cri("last", "stdout") + LogLines.Cri("last", "stderr"));
        var content = await File.ReadAllBytesAsync(rig.File("c.log"));
        records = Joined(await File.ReadAllLinesAsync(rig.File("c.log")));
        await rig.UntilRecordsAsync(records);
        await rig.StopAsync();

        using var store = CheckpointStore.Open(Path.Combine(rig.State, "collector"), NullLogger.Instance);
        var tally = Assert.Single(store.Loaded).Tally!;
        Assert.Equal(0, tally.From);
        Assert.Equal(content.Length, tally.To);
        Assert.Equal(Crc32C.Compute(content), tally.Crc);
        Assert.Equal(content.Count(b => b == '\n'), tally.Lines);
        Assert.Equal(records, tally.Records);
        Assert.Equal(1795255200_000000000UL, tally.FirstTime);
        Assert.Equal(rig.Records.Max(r => r.Time), tally.LastTime);
    }

    /// <summary>Records that the lines make: each whole one ends one.</summary>
    private static int Joined(string[] lines) => lines.Count(l => l.Split(' ', 4)[2] == "F");
}

using Tributary.Collector.Checkpoints;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Publishing;

/// <summary>What a kill or a stop between read, confirm and checkpoint may repeat, and that nothing of it is lost.</summary>
public sealed class CrashWindowTests
{
    [Fact]
    [Trait("Scenario", "R17")]
    public async Task Killed_before_the_confirm_at_most_the_batches_in_flight_come_twice()
    {
        await using var rig = Rig();
        rig.Append("a.log", Lines(0, 1000));
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(1000);
        await rig.UntilAsync(() => rig.Tail.Status.LagBytes == 0 && rig.Get<Checkpointer>().IsClean, "every confirm to be saved");
        rig.Publisher.Hold = true;
        rig.Append("a.log", Lines(1000, 3000));
        await rig.UntilAsync(() => rig.Publisher.Held.Length == 3, "a full window");
        var inFlight = rig.Publisher.Held.Sum(b => b.Records);
        await LooksAsync(rig, 3);
        await rig.KillAsync();
        rig.Start();
        await rig.ExpectWithRepeatsAsync(Texts(0, 4000));
        Assert.Equal(4000 + inFlight, rig.Records.Count);
    }

    [Fact]
    [Trait("Scenario", "R18")]
    public async Task Killed_after_the_confirm_and_before_the_checkpoint_the_same_comes_with_equal_ids()
    {
        await using var rig = Rig();
        rig.Options.CheckpointInterval = TimeSpan.FromMinutes(1);
        rig.Append("a.log", Lines(0, 1000));
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(1000);
        await rig.UntilAsync(() => rig.Tail.Status.LagBytes == 0, "every confirm");
        await rig.KillAsync();
        rig.Start();
        await rig.UntilAsync(() => rig.Records.Count == 2000, "the same again");
        await rig.ExpectWithRepeatsAsync(Texts(0, 1000));
        Assert.Equal(1000, rig.Records.Select(r => r.Uid).Distinct().Count());
    }

    [Fact]
    [Trait("Scenario", "R19")]
    public async Task A_stop_under_load_with_a_slow_broker_drains_and_nothing_comes_twice()
    {
        await using var rig = Rig();
        rig.Options.DrainTimeout = TimeSpan.FromSeconds(20);
        for (var f = 0; f < 5; f++)
        {
            rig.Append($"{f}.log", Lines(0, 1500));
            rig.Follow($"{f}.log", target: "t" + f % 2);
        }

        rig.Start();
        for (var stop = 0; stop < 3; stop++)
        {
            rig.Publisher.Hold = true;
            await rig.UntilAsync(() => rig.Publisher.Held.Length >= 2, "batches in flight");
            var publisher = rig.Publisher;
            var stopping = rig.StopAsync();
            while (!stopping.IsCompleted)
            {
                // One confirm at a time, as a slow broker gives them.
                if (publisher.Held is [var oldest, ..])
                {
                    publisher.Confirm(b => b == oldest);
                }

                await Task.WhenAny(stopping, Task.Delay(5));
            }

            await stopping;
            for (var f = 0; f < 5; f++)
            {
                rig.Append($"{f}.log", Lines(1500 + stop * 300, 300));
            }

            rig.Start();
        }

        await rig.ExpectAsync(Enumerable.Range(0, 5).SelectMany(_ => Texts(0, 2400)));
    }

    private static CollectorRig Rig()
    {
        var rig = new CollectorRig();
        rig.Options.BatchBytesMax = 64 * 1024;
        rig.Options.WindowBatchesPerTarget = 3;
        return rig;
    }

    private static async Task LooksAsync(CollectorRig rig, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            var status = rig.Tail.Status;
            await rig.UntilAsync(() => !ReferenceEquals(status, rig.Tail.Status), "another look");
        }
    }

    private static string[] Texts(int first, int count) => [.. Enumerable.Range(first, count).Select(i => LogLines.Text(i, 300))];

    private static string Lines(int first, int count) => string.Concat(Texts(first, count).Select(t => t + "\n"));
}

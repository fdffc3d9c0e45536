using System.Diagnostics.Metrics;
using Tributary.Collector.Counting;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Publishing;

public sealed class PublishWindowTests
{
    [Fact]
    public async Task A_target_has_so_many_batches_in_flight_and_no_more()
    {
        await using var rig = new CollectorRig();
        rig.Options.WindowBatchesPerTarget = 3;
        rig.Options.BatchBytesMax = 64 * 1024;
        rig.Publisher.Hold = true;
        rig.Append("a.log", Lines(0, 2000, 500));
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilAsync(() => rig.Publisher.Held.Length == 3, "the window to be full");
        await LooksAsync(rig, 5);
        Assert.Equal(3, rig.Publisher.AttemptCount);

        // A later one that is confirmed makes no room: the first still holds its place.
        rig.Publisher.Confirm(b => b == rig.Publisher.Attempts[1]);
        await LooksAsync(rig, 5);
        Assert.Equal(3, rig.Publisher.AttemptCount);
        rig.Publisher.Confirm(b => b == rig.Publisher.Attempts[0]);
        await rig.UntilAsync(() => rig.Publisher.AttemptCount == 5, "the two places to be taken");
        rig.Publisher.Hold = false;
        rig.Publisher.Confirm(_ => true);
        await rig.ExpectAsync(Texts(0, 2000, 500));
        var offsets = rig.Records.Select(r => r.Offset).ToArray();
        Assert.Equal(offsets.Order(), offsets);
    }

    [Fact]
    public async Task A_refused_target_stops_only_its_own_sources()
    {
        await using var rig = new CollectorRig();
        rig.Options.BatchBytesMax = 64 * 1024;
        rig.Publisher.Refuse("bad");
        rig.Append("bad.log", Lines(0, 4000, 500));
        rig.Append("good.log", Lines(0, 4000, 500));
        rig.Follow("bad.log", target: "bad");
        rig.Follow("good.log", target: "good");
        rig.Start();
        await rig.UntilAsync(() => rig.Records.Count == 4000, "the good target's records");
        rig.Append("good.log", "more\n");
        await rig.UntilAsync(() => rig.Records.Count == 4001, "more of the good target's records");
        Assert.All(rig.Records, r => Assert.Equal("good", r.Target));
        rig.Publisher.Accept("bad");
        await rig.UntilAsync(() => rig.Records.Count == 8001, "the refused target's records");
        await rig.StopAsync();
        Assert.Equal(Texts(0, 4000, 500), rig.Records.Where(r => r.Target == "bad").OrderBy(r => r.Offset).Select(r => r.Text));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public async Task What_is_held_stays_within_the_bound_of_the_node(int targets)
    {
        await using var rig = new CollectorRig();
        rig.Options.WindowBytesMax = 4 * 1024 * 1024;
        rig.Options.BatchBytesMax = 512 * 1024;
        rig.Options.ReadBytes = 16 * 1024;
        rig.Options.BatchAgeMax = TimeSpan.FromSeconds(30);
        rig.Publisher.Hold = true;
        for (var i = 0; i < targets; i++)
        {
            rig.Append($"{i}.log", Lines(0, 12 * 1024 * 2 / targets, 500));
            rig.Append($"{i}.log", Lines(0, 2100, 500));
            rig.Follow($"{i}.log", target: $"t{i}");
        }

        rig.Start();
        await rig.UntilAsync(() => rig.Publisher.Held.Length > 0, "batches");
        var read = -1L;
        await rig.UntilAsync(() => rig.Metrics.Total().BytesRead is var now && (now == read, read = now).Item1 && Looked(rig), "reading to stop");
        Assert.InRange(rig.Metrics.Total().BytesRead, 1, rig.Options.WindowBytesMax + rig.Options.BatchBytesMax);
        // A batch is closed after the record that fills it.
        Assert.InRange(rig.Tail.Status.HeldBytes, 1, rig.Options.WindowBytesMax + 64 * 1024);
        rig.Options.BatchAgeMax = TimeSpan.Zero;
        rig.Publisher.Hold = false;
        rig.Publisher.Confirm(_ => true);
        await rig.UntilAsync(() => { rig.Publisher.Confirm(_ => true); return rig.Tail.Status is { LagBytes: 0 }; }, "everything to be delivered");
        await rig.StopAsync();
        rig.AssertNoError();
        Assert.Equal(rig.Records.Count, rig.Records.Select(r => r.Uid).Distinct().Count());
        Assert.Equal(targets * (12 * 1024 * 2 / targets + 2100), rig.Records.Count);
    }

    [Fact]
    [Trait("Scenario", "R37")]
    public async Task With_forty_nine_of_fifty_targets_refused_the_last_one_flows_and_the_bound_holds()
    {
        await using var rig = new CollectorRig();
        rig.Options.WindowBytesMax = 4 * 1024 * 1024;
        rig.Options.BatchBytesMax = 128 * 1024;
        rig.Options.ReadBytes = 16 * 1024;
        for (var i = 0; i < 50; i++)
        {
            rig.Append($"{i}.log", Lines(0, 600, 500));
            rig.Follow($"{i}.log", target: $"t{i}");
            if (i > 0)
            {
                rig.Publisher.Refuse($"t{i}");
            }
        }

        rig.Start();
        long most = 0;
        for (var round = 1; round <= 20; round++)
        {
            var count = 600 * round;
            await rig.UntilAsync(
                () =>
                {
                    most = Math.Max(most, rig.Tail.Status.HeldBytes);
                    return rig.Publisher.Records.Length == count;
                },
                $"{count} records of the target that is taken");
            rig.Append("0.log", Lines(count, 600, 500));
        }

        Assert.InRange(most, 1, rig.Options.WindowBytesMax + rig.Options.BatchBytesMax);
        Assert.All(rig.Publisher.Records, r => Assert.Equal("t0", r.Target));
    }

    [Fact]
    public async Task A_refused_batch_is_tried_again_with_growing_pauses_and_without_a_hot_loop()
    {
        await using var rig = new CollectorRig();
        using var listener = new MeterListener();
        long refused = 0;
        rig.Publisher.Refuse("default");
        rig.Append("a.log", "1\n");
        rig.Follow("a.log");
        rig.Start();
        var meter = rig.Metrics.Meter;
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == meter && instrument.Name == "tributary.collector.batches.refused")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref refused, value));
        listener.Start();
        var times = new List<long>();
        await rig.UntilAsync(
            () =>
            {
                while (times.Count < rig.Publisher.AttemptCount)
                {
                    times.Add(Environment.TickCount64);
                }

                return times.Count >= 4;
            },
            "four attempts");

        // 0.05 to 0.15 s, then the double, then the double again.
        Assert.InRange(times[^1] - times[0], 300, 60_000);
        rig.Publisher.Accept("default");
        await rig.ExpectAsync("1");
        Assert.True(Interlocked.Read(ref refused) >= 3);
    }

    [Fact]
    public async Task A_publisher_that_fails_in_an_unforeseen_way_is_tried_again()
    {
        await using var rig = new CollectorRig();
        var failures = 2;
        rig.Publisher.BeforeTaking = _ =>
        {
            if (Interlocked.Decrement(ref failures) >= 0)
            {
                throw new TimeoutException("not foreseen");
            }
        };
        rig.Append("a.log", "1\n2\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.ExpectAsync("1", "2");
    }

    [Fact]
    public async Task Stopping_waits_for_what_is_in_flight()
    {
        await using var rig = new CollectorRig();
        rig.Publisher.Hold = true;
        rig.Append("a.log", "1\n2\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(2);
        var publisher = rig.Publisher;
        var stopping = rig.StopAsync();
        Assert.False(stopping.IsCompleted);
        publisher.Confirm(_ => true);
        await stopping;
        rig.Start();
        rig.Append("a.log", "3\n");
        await rig.ExpectAsync("1", "2", "3");
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_ever_and_what_was_not_confirmed_is_read_again()
    {
        await using var rig = new CollectorRig();
        rig.Options.DrainTimeout = TimeSpan.FromMilliseconds(50);
        rig.Publisher.Hold = true;
        rig.Append("a.log", "1\n2\n");
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(2);
        await rig.RestartAsync();
        await rig.UntilAsync(() => rig.Publisher.Records.Length == 2, "the same again");
        await rig.ExpectWithRepeatsAsync("1", "2");
        Assert.Equal(4, rig.Records.Count);
        Assert.Contains(rig.Log.Of(Microsoft.Extensions.Logging.LogLevel.Warning), w => w.Contains("Not everything was confirmed", StringComparison.Ordinal));
    }

    private static bool Looked(CollectorRig rig)
    {
        // Two renewed statuses: a whole round passed in between.
        var status = rig.Tail.Status;
        return SpinWait.SpinUntil(() => !ReferenceEquals(status, rig.Tail.Status), CollectorRig.Patience);
    }

    private static async Task LooksAsync(CollectorRig rig, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            TailStatus status = rig.Tail.Status;
            await rig.UntilAsync(() => !ReferenceEquals(status, rig.Tail.Status), "another look");
        }
    }

    private static string[] Texts(int first, int count, int length) =>
        [.. Enumerable.Range(first, count).Select(i => LogLines.Text(i, length))];

    private static string Lines(int first, int count, int length) =>
        string.Concat(Texts(first, count, length).Select(t => t + "\n"));
}

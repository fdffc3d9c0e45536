using Tributary.Collector.Counting;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Counting;

public sealed class LagClockTests
{
    [Fact]
    public void It_runs_from_when_the_oldest_unconfirmed_byte_was_seen()
    {
        var clock = default(LagClock);
        clock.Look(0, 0, 10);
        Assert.Null(clock.Since(0, 0));
        clock.Look(0, 100, 20);
        clock.Look(0, 200, 30);
        clock.Look(50, 300, 40);
        Assert.Equal(20, clock.Since(50, 300));
        clock.Look(100, 300, 50);
        Assert.Equal(30, clock.Since(100, 300));
        clock.Look(300, 300, 60);
        Assert.Null(clock.Since(300, 300));
        clock.Look(300, 301, 70);
        Assert.Equal(70, clock.Since(300, 301));
    }

    [Fact]
    public void A_file_that_is_always_behind_but_keeps_up_is_never_as_old_as_its_backlog()
    {
        var clock = default(LagClock);
        for (var now = 1; now < 1000; now++)
        {
            // Written 10 a tick, confirmed 30 later.
            clock.Look(Math.Max(0, 10 * (now - 3)), 10 * now, now);
            var age = now - clock.Since(Math.Max(0, 10 * (now - 3)), 10 * now)!.Value;
            Assert.InRange(age, Math.Min(2, now - 1), 7);
        }
    }
}

using Tributary.Collector.Limits;
using Tributary.Config;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Limits;

public sealed class RateLimitTests
{
    private readonly SteppedTime _time = new();

    [Fact]
    public void A_bucket_gives_its_burst_at_once_and_then_its_rate()
    {
        var limit = Source(new RateLimit { RecordsPerSecond = 10, Burst = TimeSpan.FromSeconds(2), Policy = RateLimitPolicy.Drop });

        Assert.Equal(20, Taken(limit, 100));
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(5, Taken(limit, 100));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(20, Taken(limit, 100));
    }

    [Fact]
    public void A_clock_that_jumps_changes_nothing()
    {
        var limit = Source(new RateLimit { RecordsPerSecond = 10, Policy = RateLimitPolicy.Drop });
        Assert.Equal(10, Taken(limit, 100));

        _time.Wall += TimeSpan.FromDays(400);
        Assert.Equal(0, Taken(limit, 100));
        _time.Wall -= TimeSpan.FromDays(800);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(10, Taken(limit, 100));
    }

    [Fact]
    public void A_record_larger_than_the_bucket_goes_through_and_is_waited_for_afterwards()
    {
        var limit = Source(new RateLimit { BytesPerSecond = 100 });

        Assert.True(limit.TryTake(1000));
        Assert.True(limit.MustWait);
        _time.Advance(TimeSpan.FromSeconds(8.9));
        Assert.False(limit.Refill());
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(limit.Refill());
    }

    [Fact]
    public void Sources_of_a_namespace_share_its_limit_and_one_source_may_have_less()
    {
        var shared = new RateLimiter(new RateLimit { RecordsPerSecond = 10, Policy = RateLimitPolicy.Drop }, _time);
        var small = new SourceLimit(new RateLimiter(new RateLimit { RecordsPerSecond = 3, Policy = RateLimitPolicy.Drop }, _time), shared);
        var other = new SourceLimit(null, shared);

        Assert.Equal(3, Taken(small, 100));
        Assert.Equal(7, Taken(other, 100));
    }

    private SourceLimit Source(RateLimit limit) => new(new RateLimiter(limit, _time), null);

    private static int Taken(SourceLimit limit, int tries)
    {
        limit.Refill();
        return Enumerable.Range(0, tries).Count(_ => limit.TryTake(1));
    }

    private sealed class SteppedTime : TimeProvider
    {
        private long _stamp;

        public DateTimeOffset Wall { get; set; } = DateTimeOffset.UnixEpoch;

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => _stamp;

        public override DateTimeOffset GetUtcNow() => Wall;

        public void Advance(TimeSpan time) => _stamp += (long)(time.TotalSeconds * 1_000_000);
    }
}

using Tributary.Discovery;
using Xunit;

namespace Tributary.Tests.Unit.Discovery;

public sealed class DiscoveryHealthTests
{
    private readonly SettableTime _time = new(new DateTimeOffset(2026, 11, 21, 10, 0, 0, TimeSpan.Zero));
    private readonly DiscoveryOptions _options = new();

    [Fact]
    public void It_lives_while_every_loop_ticks()
    {
        var health = new DiscoveryHealth(_options, _time);
        Assert.True(health.Live().Ok);
        health.Tick("docker");
        health.Tick("pods");

        _time.Now += TimeSpan.FromMinutes(3);
        health.Tick("pods");

        Assert.False(health.Live().Ok);
        Assert.Contains("docker", health.Live().Detail, StringComparison.Ordinal);
        health.Tick("docker");
        Assert.True(health.Live().Ok);
    }

    [Fact]
    public void It_is_ready_after_a_good_look_until_that_is_too_old()
    {
        var health = new DiscoveryHealth(_options, _time);
        Assert.False(health.Ready().Ok);
        Assert.Null(health.LastLook);

        health.Looked("docker", 3);
        Assert.True(health.Ready().Ok);
        Assert.Equal("docker", health.LastLook!.Source);

        _time.Now += _options.ListInterval + _options.ReadinessMax + TimeSpan.FromSeconds(1);
        health.Tick("docker");
        Assert.False(health.Ready().Ok);
    }

    [Fact]
    public void Waits_grow_to_the_bound_and_start_again_after_a_success()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(10));
        var waits = Enumerable.Range(0, 20).Select(_ => backoff.Next()).ToList();

        Assert.InRange(waits[0], TimeSpan.FromSeconds(0.15), TimeSpan.FromSeconds(0.25));
        Assert.All(waits.Skip(10), w => Assert.InRange(w, TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(10)));
        backoff.Reset();
        Assert.InRange(backoff.Next(), TimeSpan.FromSeconds(0.15), TimeSpan.FromSeconds(0.25));
    }
}

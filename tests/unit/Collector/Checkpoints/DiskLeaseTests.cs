using Microsoft.Extensions.Logging;
using Tributary.Collector.Checkpoints;
using Tributary.Testing;
using Tributary.Tests.Unit.Discovery;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Checkpoints;

/// <summary>Nodes are told apart by clocks of their own; the file lock, which two nodes do not share, is taken away.</summary>
public sealed class DiskLeaseTests : IDisposable
{
    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(30);

    private readonly TempFolder _folder = new("lease");
    private readonly SettableTime _timeOfA = new(new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero));
    private readonly SettableTime _timeOfB = new(new DateTimeOffset(2031, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly CapturedLogs _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Who_comes_first_holds_it_and_the_other_waits_and_says_so()
    {
        using var a = Node("a", _timeOfA);
        using var b = Node("b", _timeOfB);
        a.Look();
        OtherMachine();
        for (var i = 0; i < 20; i++)
        {
            Pass(TimeSpan.FromSeconds(5));
            a.Look();
            b.Look();
            Assert.True(a.IsHeld);
            Assert.False(b.IsHeld);
        }

        Assert.Null(a.Problem);
        Assert.Contains("node a", b.Problem, StringComparison.Ordinal);
        Assert.Single(_log.Of(LogLevel.Warning));
    }

    [Fact]
    public void One_that_is_given_up_is_taken_at_once_with_a_greater_epoch()
    {
        var a = Node("a", _timeOfA);
        a.Look();
        Assert.Equal(1, a.Epoch);
        OtherMachine();
        a.Dispose();
        using var b = Node("b", _timeOfB);
        b.Look();
        Assert.True(b.IsHeld);
        Assert.Equal(2, b.Epoch);
    }

    [Fact]
    public void A_holder_without_a_sign_of_life_is_followed_after_the_lease_time_and_finds_out()
    {
        using var a = Node("a", _timeOfA);
        using var b = Node("b", _timeOfB);
        a.Look();
        OtherMachine();
        b.Look();
        Pass(TimeSpan.FromSeconds(29));
        b.Look();
        Assert.False(b.IsHeld);
        Assert.False(a.IsHeld);
        Pass(TimeSpan.FromSeconds(2));
        b.Look();
        Assert.True(b.IsHeld);
        Assert.False(a.IsStillOurs());
        a.Look();
        Assert.False(a.IsHeld);
        Assert.Equal((0, 1), (a.Epoch, a.Losses));
        Assert.Contains("node b", a.Problem, StringComparison.Ordinal);
        Assert.Contains(_log.Of(LogLevel.Error), e => e.Contains("took over", StringComparison.Ordinal));
        b.Look();
        Assert.True(b.IsHeld);
        Assert.Equal(2, b.Epoch);
    }

    [Fact]
    public void Only_the_own_clock_counts_however_the_wall_clocks_differ_or_jump()
    {
        using var a = Node("a", _timeOfA);
        a.Look();
        OtherMachine();
        using var b = new DiskLease(_folder, "b", LeaseTime, new JumpingTime(_timeOfB), _log) { Boot = "b" };
        b.Look();
        for (var i = 0; i < 20; i++)
        {
            // The wall clock of b runs years ahead with each look; its monotonic one does not.
            b.Look();
            Assert.False(b.IsHeld);
        }
    }

    [Fact]
    public void A_holder_that_stalled_and_comes_back_looks_twice_before_it_goes_on()
    {
        using var a = Node("a", _timeOfA);
        a.Look();
        Pass(TimeSpan.FromSeconds(25));
        Assert.False(a.IsHeld);
        Assert.Contains("renewed in time", a.Problem, StringComparison.Ordinal);
        a.Look();
        Assert.False(a.IsHeld);
        a.Look();
        Assert.True(a.IsHeld);
        Assert.Equal(1, a.Epoch);
    }

    [Fact]
    public void Of_many_that_take_over_at_once_one_gets_it()
    {
        using var a = Node("a", _timeOfA);
        a.Look();
        OtherMachine();
        var others = Enumerable.Range(0, 8).Select(i => Node($"n{i}", _timeOfB)).ToArray();
        try
        {
            foreach (var other in others)
            {
                other.Look();
                OtherMachine();
            }

            Pass(TimeSpan.FromSeconds(31));
            Parallel.ForEach(others, o => o.Look());
            Assert.Single(others, o => o.IsHeld);
        }
        finally
        {
            Array.ForEach(others, o => o.Dispose());
        }
    }

    [Fact]
    public void On_one_machine_the_lock_tells_and_a_killed_holder_is_followed_at_once()
    {
        var a = new DiskLease(_folder, "a", LeaseTime, _timeOfA, _log);
        a.Look();
        using var b = new DiskLease(_folder, "b", LeaseTime, _timeOfB, _log);
        b.Look();
        Assert.Contains("another process of this machine", b.Problem, StringComparison.Ordinal);
        Pass(TimeSpan.FromMinutes(10));
        b.Look();
        Assert.False(b.IsHeld);

        // As a kill leaves it: the lease held, the lock gone.
        var held = File.ReadAllBytes(_folder.Combine("lease.1"));
        a.Dispose();
        File.WriteAllBytes(_folder.Combine("lease.1"), held);
        b.Look();
        Assert.True(b.IsHeld);
        Assert.Equal(2, b.Epoch);
    }

    [Fact]
    public void A_damaged_lease_is_followed_like_a_silent_one()
    {
        File.WriteAllText(_folder.Combine("lease.7"), "\0\0\0");
        using var a = Node("a", _timeOfA);
        a.Look();
        Assert.False(a.IsHeld);
        Pass(TimeSpan.FromSeconds(31));
        a.Look();
        Assert.Equal(8, a.Epoch);
    }

    /// <summary>Locks do not reach from one machine to another.</summary>
    private void OtherMachine() => File.Delete(_folder.Combine("lease-lock"));

    private void Pass(TimeSpan time)
    {
        _timeOfA.Now += time;
        _timeOfB.Now += time;
    }

    private DiskLease Node(string name, TimeProvider time) => new(_folder, name, LeaseTime, time, _log) { Boot = name };

    /// <summary>A wall clock that goes a year ahead with each look at it.</summary>
    private sealed class JumpingTime(TimeProvider inner) : TimeProvider
    {
        private int _years;

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow().AddYears(++_years);

        public override long GetTimestamp() => inner.GetTimestamp();
    }
}

using Tributary.Discovery.Catalog;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Discovery;

public sealed class GenerationClockTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new("generation");
    private readonly CapturedLog _log = new();

    private string Path => _folder.Combine("discovery", "generation");

    [Fact]
    public void Numbers_grow_and_start_from_the_clock()
    {
        var clock = Start(s_now);

        Assert.Equal(s_now.ToUnixTimeSeconds() << 20, clock.Next());
        Assert.Equal((s_now.ToUnixTimeSeconds() << 20) + 1, clock.Next());
        Assert.Equal((s_now.ToUnixTimeSeconds() << 20) + 1, clock.Latest);
        Assert.True(clock.Next() < 1L << 53);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3600)]
    [InlineData(-3600)]
    [InlineData(-800_000_000)]
    public void They_grow_over_a_restart_wherever_the_clock_jumped(int seconds)
    {
        var first = Start(s_now);
        var last = 0L;
        for (var i = 0; i < 10; i++)
        {
            last = first.Next();
        }

        Assert.True(Start(s_now.AddSeconds(seconds)).Next() > last);
    }

    [Fact]
    public void They_grow_over_a_restart_after_more_than_a_block()
    {
        var first = Start(s_now);
        var last = 0L;
        for (var i = 0; i < GenerationClock.BlockLength + 5; i++)
        {
            last = first.Next();
        }

        Assert.True(Start(s_now.AddDays(-1)).Next() > last);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tributary-generation 1 1882")]
    [InlineData("tributary-generation 1 99999999999999 00000000\n")]
    [InlineData("tributary-generation 2 5 0\n")]
    public void A_torn_file_falls_back_to_the_clock_and_says_so(string content)
    {
        _folder.Write("discovery/generation", content);

        Assert.Equal(s_now.ToUnixTimeSeconds() << 20, Start(s_now).Next());
        Assert.Contains(_log.Lines, l => l.Contains("torn", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_byte_of_the_file_is_covered_by_its_checksum()
    {
        Start(s_now).Next();
        var good = File.ReadAllBytes(Path);
        for (var i = 0; i < good.Length; i++)
        {
            var bad = (byte[])good.Clone();
            bad[i] ^= 1;
            File.WriteAllBytes(Path, bad);
            Assert.Null(new GenerationFile(Path).Read(out _));
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_written_leaves_the_clock_and_says_so()
    {
        _folder.Write("discovery", "a file stands where the folder should be");

        var clock = Start(s_now);

        Assert.True(clock.Next() < clock.Next());
        Assert.Contains(_log.Lines, l => l.Contains("cannot be written", StringComparison.Ordinal));
    }

    [Fact]
    public void A_clock_far_in_the_future_leaves_room_below_the_bound()
    {
        var clock = Start(new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero));

        Assert.InRange(clock.Next(), 1, (1L << 52) + 1);
    }

    public void Dispose() => _folder.Dispose();

    private GenerationClock Start(DateTimeOffset now) =>
        new(new GenerationFile(Path), _log.For<GenerationClock>(), new SettableTime(now));
}

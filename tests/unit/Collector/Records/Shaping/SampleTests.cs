using System.Text;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Records.Shaping;

public sealed class SampleTests
{
    [Theory]
    [InlineData("0.1", 10_000)]
    [InlineData("1/4", 25_000)]
    [InlineData("0", 0)]
    [InlineData("1", 100_000)]
    public void About_the_share_asked_for_is_kept(string rate, int expected)
    {
        using var shaped = new Shaped($"- sample: {{rate: {rate}}}");

        var kept = Enumerable.Range(0, 100_000).Count(i => shaped.Keeps("0af1", i * 117L));

        Assert.InRange(kept, expected * 0.95, expected * 1.05);
        Assert.Equal(100_000 - kept, shaped.Account.Dropped.GetValueOrDefault("rule:sample-1"));
    }

    [Fact]
    public void The_same_record_is_decided_the_same_in_another_process()
    {
        using var before = new Shaped("- sample: {rate: 0.5}");
        using var after = new Shaped("- sample: {rate: 0.5}");

        var records = Enumerable.Range(0, 1000).Select(i => (Id: "source" + i % 7, Offset: i * 31L, Part: i % 3)).ToList();

        Assert.Equal(
            records.Select(r => before.Keeps(r.Id, r.Offset, r.Part)),
            Enumerable.Reverse(records).Select(r => after.Keeps(r.Id, r.Offset, r.Part)).Reverse());
        // Pinned, as nothing within one process shows a hash that changes with the next.
        Assert.Equal("0111110100", string.Concat(Enumerable.Range(0, 10).Select(i => before.Keeps("source", i) ? '1' : '0')));
    }

    [Fact]
    public void Records_with_the_same_key_are_kept_or_dropped_together()
    {
        using var shaped = new Shaped("- sample: {rate: 1/2, key: trace}");

        var decided = Enumerable.Range(0, 1000).GroupBy(
            i => i % 50,
            i => shaped.Keeps("source" + i, i, also: r => r.Add("trace"u8, Encoding.UTF8.GetBytes("t" + i % 50))));

        Assert.All(decided, trace => Assert.Single(trace.Distinct()));
        Assert.Equal(2, decided.Select(trace => trace.First()).Distinct().Count());
    }
}

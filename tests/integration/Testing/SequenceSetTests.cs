using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Integration.Testing;

public sealed class SequenceSetTests
{
    [Fact]
    public void A_duplicate_or_unexpected_number_never_makes_up_for_a_missing_one()
    {
        var set = new SequenceSet(first: 10, count: 5);
        foreach (var number in new long[] { 10, 11, 11, 13, 99, 9 })
        {
            set.Add(number);
        }

        Assert.False(set.IsComplete);
        Assert.Equal([12L, 14L], set.Missing());
        Assert.Equal(3, set.Seen);
        Assert.Equal(1, set.Duplicates);
        Assert.Equal(2, set.Unexpected);
        Assert.Equal("3 of 5 seen, 2 missing (12, 14), 1 duplicates, 2 unexpected", set.ToString());
    }
}

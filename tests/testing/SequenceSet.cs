using System.Numerics;

namespace Tributary.Testing;

/// <summary>
/// Which of the numbers <c>[first, first + count)</c> were seen: exact, one bit a number. Thread-safe. A number outside the
/// range is counted as unexpected and never makes up for a missing one.
/// </summary>
public sealed class SequenceSet(long first, long count)
{
    private readonly Lock _lock = new();
    private readonly ulong[] _seen = new ulong[(count + 63) / 64];
    private long _duplicates;
    private long _unexpected;

    /// <summary>Different expected numbers seen.</summary>
    public long Seen
    {
        get { lock (_lock) { return _seen.Sum(word => (long)BitOperations.PopCount(word)); } }
    }

    /// <summary>How often an expected number came again.</summary>
    public long Duplicates
    {
        get { lock (_lock) { return _duplicates; } }
    }

    /// <summary>Numbers outside the range.</summary>
    public long Unexpected
    {
        get { lock (_lock) { return _unexpected; } }
    }

    /// <summary>Every expected number was seen.</summary>
    public bool IsComplete => Seen == count;

    /// <summary>False when it was seen before or is not expected.</summary>
    public bool Add(long number)
    {
        lock (_lock)
        {
            var index = number - first;
            if (index < 0 || index >= count)
            {
                _unexpected++;
                return false;
            }

            var bit = 1UL << (int)(index & 63);
            if ((_seen[index >> 6] & bit) != 0)
            {
                _duplicates++;
                return false;
            }

            _seen[index >> 6] |= bit;
            return true;
        }
    }

    /// <summary>The expected numbers not seen, in order.</summary>
    public IReadOnlyList<long> Missing()
    {
        lock (_lock)
        {
            var missing = new List<long>();
            for (long index = 0; index < count; index++)
            {
                if ((_seen[index >> 6] & (1UL << (int)(index & 63))) == 0)
                {
                    missing.Add(first + index);
                }
            }

            return missing;
        }
    }

    /// <summary>For a test's message.</summary>
    public override string ToString()
    {
        var missing = Missing();
        var named = missing.Count == 0 ? "" : $" ({string.Join(", ", missing.Take(20))}{(missing.Count > 20 ? ", …" : "")})";
        return $"{count - missing.Count} of {count} seen, {missing.Count} missing{named}, {Duplicates} duplicates, {Unexpected} unexpected";
    }
}

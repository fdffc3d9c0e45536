namespace Tributary.Discovery;

/// <summary>Doubling delays from about a least up to a most, each spread by a quarter so that many clients do not come at once.</summary>
internal sealed class Backoff(TimeSpan least, TimeSpan most)
{
    private int _doublings;

    public TimeSpan Next()
    {
        var delay = least * Math.Pow(2, _doublings) * (0.75 + (Random.Shared.NextDouble() / 2));
        if (delay >= most)
        {
            return most * (0.75 + (Random.Shared.NextDouble() / 4));
        }

        _doublings++;
        return delay;
    }

    public void Reset() => _doublings = 0;
}

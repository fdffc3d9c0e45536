namespace Tributary.Config;

/// <summary>How much may be sent; at least one of the two rates is above 0.</summary>
public sealed record RateLimit
{
    /// <summary>Records a second, up to 10,000,000; 0 for any number.</summary>
    public int RecordsPerSecond { get; init; }

    /// <summary>Bytes of records' texts a second, up to 1 TiB; 0 for any number.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>What was not used is saved up for this long, 1 s to 1 h, and may then come at once.</summary>
    public TimeSpan Burst { get; init; } = TimeSpan.FromSeconds(1);

    public RateLimitPolicy Policy { get; init; }

    internal static RateLimit Read(MappingReader limit)
    {
        var defaults = new RateLimit();
        var read = new RateLimit
        {
            RecordsPerSecond = limit.Number("recordsPerSecond", 0, 0, 10_000_000, "Records a second; 0 for any number."),
            BytesPerSecond = limit.Bytes("bytesPerSecond", 0, 0, 1L << 40, "Bytes of records' texts a second; 0 for any number."),
            Burst = limit.Duration("burst", defaults.Burst, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), "What was not used is saved up for this long, and may then come at once."),
            Policy = limit.Choice("policy", defaults.Policy, "`wait`: read slower, the file is the buffer. `drop`: leave out what is too much, and count it.", ("wait", RateLimitPolicy.Wait), ("drop", RateLimitPolicy.Drop)),
        };
        if (read is { RecordsPerSecond: 0, BytesPerSecond: 0 })
            limit.Fail("", "limits nothing; expected recordsPerSecond or bytesPerSecond");
        return read;
    }
}

/// <summary>What becomes of more than the limit.</summary>
public enum RateLimitPolicy
{
    /// <summary>It is read later.</summary>
    Wait,

    /// <summary>It is dropped, and counted.</summary>
    Drop,
}

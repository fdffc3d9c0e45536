namespace Tributary.Config;

/// <summary>When a batch is closed and how it travels.</summary>
public sealed record BatchSettings
{
    /// <summary>Bytes before compression at which a batch is closed, 64 KiB to 8 MiB.</summary>
    public int BytesMax { get; init; } = 1 << 20;

    /// <summary>Age at which a batch is closed, 10 ms to 1 min.</summary>
    public TimeSpan AgeMax { get; init; } = TimeSpan.FromMilliseconds(100);

    public BatchCompression Compression { get; init; } = BatchCompression.Zstd;

    internal static BatchSettings Read(MappingReader batch)
    {
        var defaults = new BatchSettings();
        return new()
        {
            BytesMax = (int)batch.Bytes("maxBytes", defaults.BytesMax, 64 << 10, 8 << 20, "A batch is closed at this size, before compression."),
            AgeMax = batch.Duration("maxAge", defaults.AgeMax, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), "A batch is closed at this age: the longest that a quiet log's line waits."),
            Compression = batch.Choice("compression", defaults.Compression, "How a batch's body is compressed.", ("zstd", BatchCompression.Zstd), ("gzip", BatchCompression.Gzip), ("none", BatchCompression.None)),
        };
    }
}

/// <summary>How a batch's body is compressed.</summary>
public enum BatchCompression
{
    Zstd,
    Gzip,
    None,
}

/// <summary>What may be published and not yet confirmed.</summary>
public sealed record WindowSettings
{
    /// <summary>Batches of one target, 1 to 64.</summary>
    public int BatchesPerTarget { get; init; } = 8;

    /// <summary>Bytes of all targets of the node together, 4 MiB to 4 GiB and at least two batches.</summary>
    public long BytesMax { get; init; } = 64 << 20;

    internal static WindowSettings Read(MappingReader window)
    {
        var defaults = new WindowSettings();
        return new()
        {
            BatchesPerTarget = window.Number("perTarget", defaults.BatchesPerTarget, 1, 64, "Batches of one target in flight; a refused target stops only its own sources."),
            BytesMax = window.Bytes("maxBytes", defaults.BytesMax, 4 << 20, 4L << 30, "Bytes in flight of all targets together; at least twice `batch.maxBytes`."),
        };
    }
}

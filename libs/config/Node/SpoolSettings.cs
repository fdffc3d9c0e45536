namespace Tributary.Config;

/// <summary>Where batches wait on disk while the next hop does not take them.</summary>
public sealed record SpoolSettings
{
    /// <summary>The folder; empty when there is no spool.</summary>
    public string Path { get; init; } = "";

    /// <summary>Bytes on disk, 16 MiB to 1 TiB and at least four batches.</summary>
    public long BytesMax { get; init; } = 1L << 30;

    /// <summary>How long a full window waits for a confirm before its target goes on by way of the spool, 0 to 1 h.</summary>
    public TimeSpan After { get; init; } = TimeSpan.FromSeconds(5);

    internal static SpoolSettings Read(MappingReader spool)
    {
        var defaults = new SpoolSettings();
        return new()
        {
            Path = spool.Text("path", "off", Addresses.Folder, "Folder of the spool, made when it is missing; `off` for none.") is var path && path == "off" ? "" : path,
            BytesMax = spool.Bytes("maxBytes", defaults.BytesMax, 16 << 20, 1L << 40, "Bytes on disk; when they are used up, reading stops. At least four times `batch.maxBytes`."),
            After = spool.Duration("after", defaults.After, TimeSpan.Zero, TimeSpan.FromHours(1), "How long a target's full window waits for a confirm before the target goes on by way of the spool."),
        };
    }
}

using System.ComponentModel.DataAnnotations;

namespace Tributary.Shipper;

/// <summary>Where batches go.</summary>
public sealed class ShipperOptions
{
    /// <summary>The output that takes what no route names.</summary>
    public const string DefaultOutput = "default";

    /// <summary>All outputs; one is called <see cref="DefaultOutput"/>.</summary>
    public IList<OutputOptions> Outputs { get; } = [];

    /// <summary>Which outputs take a target; what is not named here goes to <see cref="DefaultOutput"/>.</summary>
    public IList<Route> Routes { get; } = [];

    /// <summary>Batches taken from a queue before the first is acked; each is up to about 1 MiB.</summary>
    [Range(1, 256)]
    public ushort PrefetchBatches { get; set; } = 8;
}

/// <summary>One output.</summary>
/// <param name="Name">Unique.</param>
/// <param name="Type">What it is.</param>
/// <param name="Path">Folder of a file output.</param>
public sealed record OutputOptions(string Name, OutputType Type, string Path = "");

public enum OutputType
{
    /// <summary>NDJSON files, one a target and day.</summary>
    File,

    /// <summary>Lines for people on standard output.</summary>
    Console,

    /// <summary>Takes everything and keeps nothing.</summary>
    Null,
}

/// <summary>Batches of <paramref name="Target"/> go to <paramref name="Output"/>.</summary>
public sealed record Route(string Target, string Output);

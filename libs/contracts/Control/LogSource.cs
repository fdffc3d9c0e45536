namespace Tributary.Contracts;

/// <summary>One log of one container, resolved: the collector needs to ask nobody else to follow it.</summary>
public sealed record LogSource
{
    /// <summary>The declaration's name; <c>stdout</c> for the container's own output.</summary>
    public required string Name { get; init; }

    /// <summary>Absolute path on the host; empty when <see cref="Reason"/> says why there is none.</summary>
    public required string Path { get; init; }

    public required LogFormat Format { get; init; }

    /// <summary>Where the records go: the routing key of the batch exchange.</summary>
    public required string Target { get; init; }

    /// <summary>The streams to keep (<c>stdout</c>, <c>stderr</c>); empty keeps both.</summary>
    public IReadOnlyList<string> Streams { get; init; } = [];

    /// <summary>Further resource attributes that the owner declared as tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Name of the LogConfig that asked for it; null for <c>collect: all</c> and labels.</summary>
    public string? Config { get; init; }

    /// <summary>Version of that config; null like <see cref="Config"/>.</summary>
    public string? ConfigVersion { get; init; }

    /// <summary>Why this source cannot be collected, as a sentence with what to do; null when it can.</summary>
    public string? Reason { get; init; }
}

/// <summary>How a log file is framed.</summary>
public enum LogFormat
{
    /// <summary>Told from the file's first line: docker json, CRI, else raw.</summary>
    Auto,

    /// <summary>CRI: <c>time stream P|F text</c>, one fragment a line.</summary>
    Cri,

    /// <summary>Docker's json-file driver: one JSON object a line, text split at 16 KiB.</summary>
    Docker,

    /// <summary>Plain lines.</summary>
    Raw,
}

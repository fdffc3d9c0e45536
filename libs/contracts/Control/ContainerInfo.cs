namespace Tributary.Contracts;

/// <summary>
/// What a node's discovery knows of one container. Env values and labels never appear here, save those that were
/// declared for collection: they arrive as <see cref="Attributes"/> or as a source's tags.
/// </summary>
public sealed record ContainerInfo
{
    /// <summary>
    /// The runtime's id; for a pod's container <c>{pod uid}/{container}/{restart}</c>, so that all sources agree on it (the
    /// runtime's own id is then the attribute <c>container.id</c>).
    /// </summary>
    public required string Id { get; init; }

    /// <summary>The container's name without a leading slash.</summary>
    public required string Name { get; init; }

    /// <summary>Where it was seen: <c>docker</c> or <c>kubernetes</c>.</summary>
    public required string Runtime { get; init; }

    /// <summary>The namespace that owns it; empty outside Kubernetes.</summary>
    public string Namespace { get; init; } = "";

    public required ContainerState State { get; init; }

    public int RestartCount { get; init; }

    /// <summary>
    /// Orders everything said of a container: grows with each change and over restarts of discovery. A consumer keeps
    /// the greatest it saw and ignores the rest, which makes repeats and reordering harmless. At most 2^53.
    /// </summary>
    public required long Generation { get; init; }

    /// <summary>When the runtime says the container was last started, UTC.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the runtime says the container ended, UTC; null while it runs.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>OTel resource attributes (<c>container.*</c>, <c>k8s.*</c>), written once per batch and source.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>What is to be collected from it; a source that cannot be collected carries its reason.</summary>
    public IReadOnlyList<LogSource> Sources { get; init; } = [];
}

/// <summary>A container's state as far as collection cares: does its log still grow, is it still on the node.</summary>
public enum ContainerState
{
    /// <summary>Created or running: its log may grow.</summary>
    Running,

    /// <summary>Ended, still on the node: its log is read to the end.</summary>
    Stopped,

    /// <summary>Deleted from the node: its files are held until they are read to the end.</summary>
    Removed,
}

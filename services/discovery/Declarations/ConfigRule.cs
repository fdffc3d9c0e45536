namespace Tributary.Discovery.Declarations;

/// <summary>What a LogConfig asks of the containers that it selects: their own output, to a target. Every condition given must hold.</summary>
internal sealed record ConfigRule
{
    /// <summary>The LogConfig's name.</summary>
    public required string Name { get; init; }

    /// <summary>The LogConfig's namespace; empty where it has none.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Which content of the LogConfig this is.</summary>
    public required string Version { get; init; }

    /// <summary>Regular expression for the whole container name (in a pod: the container's name in it); null: any.</summary>
    public string? ContainerName { get; init; }

    /// <summary>Labels that the container must carry; an empty value asks only that the key is there.</summary>
    public IReadOnlyDictionary<string, string> ContainerLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>The pod's namespace, exactly; null: any, and containers outside Kubernetes.</summary>
    public string? PodNamespace { get; init; }

    /// <summary>See <see cref="Contracts.LogSource.Streams"/>.</summary>
    public IReadOnlyList<string> Streams { get; init; } = [];

    public required string Target { get; init; }

    /// <summary>What a source says of its config: <c>namespace/name</c>, or the name alone.</summary>
    public string FullName => Namespace.Length == 0 ? Name : Namespace + "/" + Name;
}

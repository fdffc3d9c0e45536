using Tributary.Contracts;

namespace Tributary.Discovery.Containers;

/// <summary>
/// All that a source knows of one container, labels and env included. Those two may hold secrets: they are read here to
/// find declarations and never go into a message, a log line or a metric.
/// </summary>
internal sealed class ContainerFacts
{
    /// <summary>
    /// The same for every source that sees the container: <c>{pod uid}/{container}/{restart}</c> where Kubernetes made
    /// it, else the runtime's id.
    /// </summary>
    public required string Id { get; init; }

    /// <summary>Without a leading slash.</summary>
    public required string Name { get; init; }

    /// <summary>The name its owner gave: the container's name in the pod, or <see cref="Name"/>.</summary>
    public required string OwnName { get; init; }

    /// <summary><c>docker</c> or <c>kubernetes</c>.</summary>
    public required string Runtime { get; init; }

    /// <summary>The Kubernetes namespace; empty outside Kubernetes.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Whose quota of targets it uses: the Kubernetes namespace, the compose project, or empty.</summary>
    public string Tenant { get; init; } = "";

    public required ContainerState State { get; init; }

    public int RestartCount { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public required IReadOnlyDictionary<string, string> Attributes { get; init; }

    /// <summary>False before the first start: there is no log yet, and nothing wrong with that.</summary>
    public bool HasLog { get; init; } = true;

    /// <summary>The file of its own output on the host; empty when <see cref="LogProblem"/> says why there is none.</summary>
    public required string LogPath { get; init; }

    public required LogFormat LogFormat { get; init; }

    /// <summary>Why its own output cannot be collected, as a sentence with what to do.</summary>
    public string? LogProblem { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary><c>NAME=VALUE</c>.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];
}

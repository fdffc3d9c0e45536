using Tributary.Contracts;

namespace Tributary.Discovery.Publishing;

/// <summary>Everything known of the node at one moment.</summary>
/// <param name="Generation">The greatest that was handed out then.</param>
/// <param name="Containers">All that are there.</param>
internal sealed record NodeState(long Generation, IReadOnlyList<ContainerInfo> Containers);

namespace Tributary.Contracts;

/// <summary>
/// Every exchange, queue and routing key on the bus, chosen once. Control messages go to one direct exchange a message
/// type with the node as routing key; batches to one direct exchange with the target as routing key.
/// </summary>
public static class Topology
{
    /// <summary>Direct; routing key = target.</summary>
    public const string BatchExchange = "tributary.logs";

    /// <summary>Fanout; takes what no queue was bound for.</summary>
    public const string UnroutedExchange = "tributary.logs.unrouted";

    /// <summary>Quorum queue of the default output, behind <see cref="UnroutedExchange"/>.</summary>
    public const string DefaultQueue = "tributary.logs.default";

    /// <summary>Fanout exchange and quorum queue for batches that cannot be decoded.</summary>
    public const string DeadLetter = "tributary.logs.dead";

    public const string ContainerStartedExchange = "tributary.container-started";
    public const string ContainerStoppedExchange = "tributary.container-stopped";
    public const string ContainerRemovedExchange = "tributary.container-removed";
    public const string NodeSnapshotExchange = "tributary.node-snapshot";
    public const string NodeSnapshotRequestedExchange = "tributary.node-snapshot-requested";

    /// <summary>Topic; routing key = node, so that a node's archiver hears of its own and a controller of all (<c>#</c>).</summary>
    public const string SourceDrainedExchange = "tributary.source-drained";

    /// <summary>Topic like <see cref="SourceDrainedExchange"/>.</summary>
    public const string CollectorStatusExchange = "tributary.collector-status";

    /// <summary>Direct; routing key = node. Answers go to whoever asked.</summary>
    public const string FollowedFilesRequestedExchange = "tributary.followed-files-requested";
    public const string FollowedFilesExchange = "tributary.followed-files";
    public const string BatchStoredExchange = "tributary.batch-stored";

    /// <summary>The target of what nobody declared another for.</summary>
    public const string DefaultTarget = "default";

    /// <summary>A node's control queue expires after an hour without a consumer.</summary>
    public static readonly TimeSpan ControlQueueExpires = TimeSpan.FromHours(1);

    /// <summary>Messages in a node's control queue; beyond it the oldest go, and the next snapshot covers the gap.</summary>
    public const int ControlQueueLengthMax = 10_000;

    /// <summary>The queue on which a node's collector hears of containers.</summary>
    public static string CollectorQueue(string node) => "tributary.collector." + node;

    /// <summary>The queue on which a node's discovery hears requests.</summary>
    public static string DiscoveryQueue(string node) => "tributary.discovery." + node;

    /// <summary>The quorum queue of one (target, output) pair.</summary>
    public static string OutputQueue(string target, string output) => $"tributary.logs.{target}.{output}";
}

using System.ComponentModel.DataAnnotations;

namespace Tributary.Hosting;

/// <summary>What every service of one process shares.</summary>
public sealed class NodeOptions
{
    /// <summary>This node's name: routing key of its control messages. Default: the host's name.</summary>
    [Required]
    public string Name { get; set; } = Environment.MachineName;

    /// <summary><c>embedded</c> (MassTransit in memory, one process) or <c>amqp://</c> / <c>amqps://user:password@host:port/vhost</c>.</summary>
    [Required]
    public string Bus { get; set; } = "embedded";

    /// <summary>Folder for what must survive a restart; made when it is missing.</summary>
    [Required]
    public string State { get; set; } = "./var/state";

    /// <summary><c>host:port</c> of health and metrics; empty turns them off.</summary>
    public string Listen { get; set; } = "127.0.0.1:8080";

    /// <summary>Whether the bus is the in-memory one.</summary>
    public bool IsEmbedded => string.Equals(Bus, "embedded", StringComparison.OrdinalIgnoreCase);
}

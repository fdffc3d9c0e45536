using Tributary.Contracts;

namespace Tributary.Collector.Feeds;

/// <summary>A feed of the host that is to be followed.</summary>
internal abstract record FeedSource
{
    /// <summary>Names the feed in checkpoints: what it reads, and for which config.</summary>
    public abstract string Key { get; }

    /// <summary>How it is called towards people.</summary>
    public abstract string DisplayName { get; }

    public string Target { get; init; } = Topology.DefaultTarget;

    /// <summary>Full name of the LogConfig that asked for it, whose rules its records go through.</summary>
    public required string Config { get; init; }

    /// <summary>Begin with what comes after the feed was first followed, not with what is there.</summary>
    public bool FromEnd { get; init; }
}

/// <summary>Entries of the systemd journal.</summary>
internal sealed record JournalSource : FeedSource
{
    public override string Key => $"journal:{Config}";

    public override string DisplayName => $"journal ({Config})";

    /// <summary>Folder of the journal files; null for the host's own.</summary>
    public string? Directory { get; init; }

    /// <summary>Only these units; empty for all.</summary>
    public IReadOnlyList<string> Units { get; init; } = [];

    /// <summary>Only these identifiers; empty for all.</summary>
    public IReadOnlyList<string> Identifiers { get; init; } = [];

    /// <summary>Only entries of this syslog priority and the more severe ones; 7 for all.</summary>
    public int PriorityMax { get; init; } = 7;

    /// <summary>Further fields to take, by their journal names.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];
}

/// <summary>The kernel's ring.</summary>
internal sealed record KernelSource : FeedSource
{
    public override string Key => $"kernel:{Config}";

    public override string DisplayName => $"kernel ring ({Config})";

    public string Path { get; init; } = "/dev/kmsg";

    public string BootIdPath { get; init; } = "/proc/sys/kernel/random/boot_id";
}

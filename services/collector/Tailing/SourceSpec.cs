using Tributary.Collector.Checkpoints;
using Tributary.Config;
using Tributary.Contracts;

namespace Tributary.Collector.Tailing;

/// <summary>One log that is to be followed: a path, how it is framed, where its records go and what they carry.</summary>
internal sealed record SourceSpec
{
    /// <summary>Names the source within this process: container and source name, or the path of a host file.</summary>
    public required string Key { get; init; }

    /// <summary>How the source is called towards people.</summary>
    public required string DisplayName { get; init; }

    public required string Path { get; init; }

    public LogFormat Format { get; init; } = LogFormat.Auto;

    /// <summary>One of <see cref="TextEncodings.Names"/>; UTF-16 is also told by its mark. Docker's files are UTF-8 whatever is said.</summary>
    public string Encoding { get; init; } = TextEncodings.Default;

    /// <summary>Whether a carriage return before the line feed belongs to the line's end, not to the line.</summary>
    public bool StripReturn { get; init; }

    public string Target { get; init; } = Topology.DefaultTarget;

    /// <summary>
    /// What asked for it: the full name of a LogConfig, the name of a log that a label declares, <c>stdout</c>, or empty for
    /// host files. With file and target it names the checkpoint.
    /// </summary>
    public string Declaration { get; init; } = "";

    /// <summary>Whether records of the stream are wanted.</summary>
    public bool Stdout { get; init; } = true;

    /// <inheritdoc cref="Stdout"/>
    public bool Stderr { get; init; } = true;

    /// <summary>Full name of the LogConfig whose rules its records go through; null for none.</summary>
    public string? Config { get; init; }

    /// <summary>The namespace that owns it, whose rate limit it shares; empty for none.</summary>
    public string Namespace { get; init; } = "";
    /// <summary>Version of that config; null for none.</summary>
    public string? ConfigVersion { get; init; }

    /// <summary>Id of the container; null for a file of the host.</summary>
    public string? ContainerId { get; init; }

    /// <summary>What the declaration calls it; null for a file of the host.</summary>
    public string? Name { get; init; }

    /// <summary>Resource attributes; path, stream and source id are added per file.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>Where reading begins in what is there at the first look.</summary>
    public StartPosition Start { get; init; }

    /// <summary>Whether files that the runtime rotated away before we came belong to it and are read first.</summary>
    public bool ReadRotated { get; init; }

    /// <summary>Whether the source ends with its path, because a search finds what comes in its place.</summary>
    public bool ForgetWhenGone { get; init; }

    /// <summary>Whether the path still belongs to a living writer. False means drain: read to the end, then close.</summary>
    public bool Growing { get; init; } = true;

    /// <summary>What the checkpoint of one of its files is kept under.</summary>
    public CheckpointKey CheckpointKeyOf(FileKey file) => new(file, Declaration, Target);
}

namespace Tributary.Contracts;

/// <summary>
/// What a collector follows at or under a path at one moment. Without files and with <see cref="Settled"/> it is the
/// explicit answer "nothing".
/// </summary>
public sealed record FollowedFiles
{
    public required string Node { get; init; }

    /// <summary>The path that was asked for.</summary>
    public required string Path { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>
    /// Whether the collector knows all of its node's containers. False after its start until a whole
    /// <see cref="NodeSnapshot"/> came: a file that is not named may be followed in a moment.
    /// </summary>
    public required bool Settled { get; init; }

    /// <summary>One entry for each file and target, in the order of their identities.</summary>
    public required IReadOnlyList<FollowedFile> Files { get; init; }

    /// <summary>More files follow: ask again with <see cref="Continuation"/>.</summary>
    public required bool Truncated { get; init; }

    /// <summary>Where the next answer goes on; null when this is all.</summary>
    public string? Continuation { get; init; }
}

/// <summary>One file that a collector follows, or has read and not forgotten yet.</summary>
public sealed record FollowedFile
{
    /// <summary>First half of its records' uid.</summary>
    public required string SourceId { get; init; }

    /// <summary>Where it is now, while it is held open and has a name; else where it was when it was first seen.</summary>
    public required string Path { get; init; }

    /// <summary>Major number in the upper 32 bits, minor in the lower.</summary>
    public required ulong Device { get; init; }

    public required ulong Inode { get; init; }

    /// <summary>Its size when last looked at; null when it is closed.</summary>
    public long? Size { get; init; }

    /// <summary>The next byte to be read.</summary>
    public required long ReadOffset { get; init; }

    /// <summary>Everything before it is confirmed.</summary>
    public required long ConfirmedOffset { get; init; }

    /// <summary>Whether it is held open and read. False: its source ended, or it was rotated away, and it was read to its end.</summary>
    public required bool Open { get; init; }

    /// <summary>Whether a <see cref="SourceDrained"/> said that it was read to <see cref="ConfirmedOffset"/>.</summary>
    public required bool Drained { get; init; }

    /// <summary>What the followed source is called: container or path; empty when it is closed.</summary>
    public string Source { get; init; } = "";

    public required string Target { get; init; }

    /// <summary>See <see cref="LogSource.Config"/>.</summary>
    public string? Config { get; init; }

    /// <summary>See <see cref="LogSource.ConfigVersion"/>.</summary>
    public string? ConfigVersion { get; init; }
}

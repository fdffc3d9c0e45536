namespace Tributary.Contracts;

/// <summary>
/// A source that ended (its container stopped, or nobody wants it any more) was read to the end of its files, and every
/// batch up to there is confirmed. Said at least once for each drain: a repeat has the same <see cref="Id"/>. A source
/// that comes alive again and ends again is said again, under another id and with greater offsets.
/// </summary>
public sealed record SourceDrained
{
    /// <summary>The most files that one message names.</summary>
    public const int FilesMax = 1000;

    /// <summary>Made of the node, the source and the final offsets.</summary>
    public required Guid Id { get; init; }

    public required string Node { get; init; }

    /// <summary>See <see cref="ContainerInfo.Id"/>; null for a file of the host.</summary>
    public string? ContainerId { get; init; }

    /// <summary>See <see cref="LogSource.Name"/>; the path of a file of the host.</summary>
    public required string Source { get; init; }

    /// <summary>The path that was followed, on the host.</summary>
    public required string Path { get; init; }

    public required string Target { get; init; }

    /// <summary>See <see cref="LogSource.Config"/>.</summary>
    public string? Config { get; init; }

    /// <summary>See <see cref="LogSource.ConfigVersion"/>.</summary>
    public string? ConfigVersion { get; init; }

    /// <summary>When it was found to be drained, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>
    /// Its files, those it was rotated to included, oldest first, as far as the collector remembers them: a file that is gone
    /// for the tombstone age (an hour) is forgotten. Empty when there was nothing to read.
    /// </summary>
    public required IReadOnlyList<DrainedFile> Files { get; init; }

    /// <summary>Older files that were left out, past <see cref="FilesMax"/>.</summary>
    public int FilesLeftOut { get; init; }

    /// <summary>Why nothing of it could be read; null when it was read.</summary>
    public string? Problem { get; init; }
}

/// <summary>One file of a drained source. Device and inode tell which it is: its name may have changed.</summary>
public sealed record DrainedFile
{
    /// <summary>First half of its records' uid.</summary>
    public required string SourceId { get; init; }

    /// <summary>Where it was when it was first seen, on the host.</summary>
    public required string Path { get; init; }

    /// <summary>Major number in the upper 32 bits, minor in the lower.</summary>
    public required ulong Device { get; init; }

    public required ulong Inode { get; init; }

    /// <summary>Where reading began: 0, unless the source starts later or was read by a version that did not count.</summary>
    public required long From { get; init; }

    /// <summary>The first byte that was not read. All before it is confirmed.</summary>
    public required long FinalOffset { get; init; }

    /// <summary>Bytes from <see cref="From"/> to <see cref="FinalOffset"/>.</summary>
    public required long Bytes { get; init; }

    /// <summary>CRC-32C (Castagnoli, RFC 3720, as S3 and GCS compute it) of those bytes, 8 hex digits. Of a compressed file: of what it unpacks to.</summary>
    public required string Crc32c { get; init; }

    /// <summary>Bytes among them that were passed over as a hole; the checksum takes them for the zeros that they read as.</summary>
    public long SkippedBytes { get; init; }

    /// <summary>Lines in the range, as in the file: its newlines, and one more when it ends without.</summary>
    public required long Lines { get; init; }

    /// <summary>Records that were delivered; several lines may make one.</summary>
    public required long Records { get; init; }

    /// <summary>Records among them that were kept whole because they did not parse.</summary>
    public long Unparsed { get; init; }

    /// <summary>Records that were dropped, by the rule's name or another reason.</summary>
    public IReadOnlyDictionary<string, long> Dropped { get; init; } = new Dictionary<string, long>();

    /// <summary>The earliest time of a record, UTC: its own, or else when it was read. Null when there was no record.</summary>
    public DateTimeOffset? FirstTime { get; init; }

    /// <summary>The latest one.</summary>
    public DateTimeOffset? LastTime { get; init; }

    /// <summary>False when it could not be read to its end, and was given up after <see cref="FinalOffset"/>.</summary>
    public bool ReadToEnd { get; init; } = true;
}

namespace Tributary.Contracts;

/// <summary>
/// How a node's collector is doing, published every so often (15 s by default). Numbers that only grow count since
/// <see cref="StartedAt"/>. The newest one is the truth; older ones that come late are ignored by <see cref="Time"/>.
/// </summary>
public sealed record CollectorStatus
{
    public required string Node { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>When the process started, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Why it does not work; null when it does.</summary>
    public string? Problem { get; init; }

    /// <summary>Sources followed or being drained.</summary>
    public required int SourceCount { get; init; }

    public required int OpenFiles { get; init; }

    /// <summary>Bytes in followed files that are not confirmed.</summary>
    public required long LagBytes { get; init; }

    /// <summary>Age of the oldest unconfirmed byte of all sources.</summary>
    public required double LagSeconds { get; init; }

    /// <summary>Bytes of batches that wait for a confirm.</summary>
    public required long HeldBytes { get; init; }

    /// <summary>Age of the oldest batch that waits for a confirm; 0 when none does.</summary>
    public required double OldestUnconfirmedSeconds { get; init; }

    public required long BytesRead { get; init; }

    public required long Lines { get; init; }

    /// <summary>Confirmed records.</summary>
    public required long Records { get; init; }

    public required long BatchesConfirmed { get; init; }

    /// <summary>Files given up and records dropped, by reason.</summary>
    public IReadOnlyDictionary<string, long> Dropped { get; init; } = new Dictionary<string, long>();

    /// <summary>Those with the most lag first, at most a hundred by default.</summary>
    public required IReadOnlyList<SourceStatus> Sources { get; init; }

    /// <summary>Sources that are not in <see cref="Sources"/>.</summary>
    public required int SourcesLeftOut { get; init; }

    /// <summary>Sources that cannot be read, and configs that were refused, at most a hundred.</summary>
    public IReadOnlyList<CollectorError> Errors { get; init; } = [];

    /// <summary>Errors that are not in <see cref="Errors"/>.</summary>
    public int ErrorsLeftOut { get; init; }
}

/// <summary>One source of a <see cref="CollectorStatus"/>.</summary>
public sealed record SourceStatus
{
    /// <summary>Names it within its process.</summary>
    public required string Key { get; init; }

    /// <summary>What it is called: container or path.</summary>
    public required string Name { get; init; }

    /// <summary>See <see cref="ContainerInfo.Id"/>; null for a file of the host.</summary>
    public string? ContainerId { get; init; }

    /// <summary>On the host.</summary>
    public required string Path { get; init; }

    public required string Target { get; init; }

    /// <summary>See <see cref="LogSource.Config"/>.</summary>
    public string? Config { get; init; }

    /// <summary>See <see cref="LogSource.ConfigVersion"/>.</summary>
    public string? ConfigVersion { get; init; }

    public required SourceState State { get; init; }

    /// <summary>Its files that are held open.</summary>
    public required int Files { get; init; }

    /// <summary>Bytes that those files have: what was written.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>How much of <see cref="SizeBytes"/> was read.</summary>
    public required long ReadBytes { get; init; }

    /// <summary>How much of <see cref="SizeBytes"/> is confirmed.</summary>
    public required long ConfirmedBytes { get; init; }

    /// <summary><see cref="SizeBytes"/> without <see cref="ConfirmedBytes"/>.</summary>
    public required long LagBytes { get; init; }

    /// <summary>
    /// How long ago the oldest byte that is not confirmed was first seen; 0 when all are. Rather too much than too little, by
    /// at most the time in which the bytes before it were confirmed.
    /// </summary>
    public required double LagSeconds { get; init; }

    /// <summary>Bytes read since the process started, of files that are closed by now too.</summary>
    public required long BytesTotal { get; init; }

    /// <summary>Lines read since the process started.</summary>
    public required long LinesTotal { get; init; }

    /// <summary>Records confirmed since the process started.</summary>
    public required long RecordsTotal { get; init; }

    /// <summary>Records kept whole because they did not parse, since the process started.</summary>
    public long UnparsedTotal { get; init; }

    /// <summary>Records dropped since the process started, by the rule's name or another reason.</summary>
    public IReadOnlyDictionary<string, long> Dropped { get; init; } = new Dictionary<string, long>();

    /// <summary>Why it is not read, or not wholly; null when it is.</summary>
    public string? Problem { get; init; }
}

/// <summary>Where a source stands.</summary>
public enum SourceState
{
    /// <summary>Read as it grows.</summary>
    Following,

    /// <summary>It ended; what is left is read and confirmed.</summary>
    Draining,

    /// <summary>It ended, and everything is confirmed.</summary>
    Drained,

    /// <summary>It cannot be read now; <see cref="SourceStatus.Problem"/> says why.</summary>
    Failing,
}

/// <summary>What keeps a source from being read.</summary>
public sealed record CollectorError
{
    /// <summary>The source, or the config.</summary>
    public required string Name { get; init; }

    /// <summary>On the host; empty for a config.</summary>
    public string Path { get; init; } = "";

    public required string Error { get; init; }
}

using Tributary.Collector.Limits;
using Tributary.Collector.Records;
using Tributary.Contracts;

namespace Tributary.Collector.Tailing;

/// <summary>A source and its files, oldest first. The last one is the path's own while <see cref="TailedFile.Rotated"/> is false.</summary>
internal sealed class FollowedSource(SourceSpec spec, SourceAccount account)
{
    private static readonly Dictionary<string, long> Nothing = [];

    private SourceStatus? _status;
    private (SourceSpec, SourceState, int, long, long, long, long?, long, long, long, int, string?) _statusOf;

    public SourceSpec Spec { get; private set; } = spec;

    public SourceAccount Account => account;

    public List<TailedFile> Files { get; } = [];

    /// <summary>How much it may send, by the rules of <see cref="LimitVersion"/>; null for any amount.</summary>
    public SourceLimit? Limit { get; set; }

    /// <summary>The rules by which <see cref="Limit"/> was made; 0 before.</summary>
    public int LimitVersion { get; set; }

    /// <summary>What was last reported of its path, so that it is said once.</summary>
    public string? Problem { get; set; }

    /// <summary>The same of the files that it was rotated to.</summary>
    public string? RotatedProblem { get; set; }

    /// <summary>Set while a rotated file could not be opened: they are looked for again, those after this file for sure.</summary>
    public FileKey? RotatedAfter { get; set; }

    /// <summary>Whether the path was looked at with success since it was declared.</summary>
    public bool Seen { get; set; }

    /// <summary>The id of the file that was rewritten last: what is read from its start must not get it.</summary>
    public string? VoidId { get; set; }

    /// <summary>Whether the path was looked at: what comes later is read from its beginning, wherever the source starts.</summary>
    public bool Begun { get; set; }

    /// <summary>A compressed file is being looked into, and may become one of the files.</summary>
    public bool Examining { get; set; }

    /// <summary>Files before which a compressed one is being looked into: they are not begun before that one has its place.</summary>
    public List<TailedFile> HeldBack { get; } = [];

    /// <summary>Where the next rotated file belongs; null puts it before the path's own.</summary>
    public TailedFile? Successor { get; set; }

    /// <summary>Drained: read to the end, confirmed, files closed. Woken again by a new declaration.</summary>
    public bool Finished { get; set; }

    /// <summary>Whether it was seen to, after it finished, that the world is told.</summary>
    public bool Told { get; set; }

    /// <summary>Ids of its files that could not be read to their end.</summary>
    public HashSet<string> GivenUp { get; } = new(StringComparer.Ordinal);

    /// <summary>Not declared any more: forgotten once it is finished.</summary>
    public bool Removed { get; set; }

    /// <summary>Bytes consumed since the process started.</summary>
    public long BytesRead { get; set; }

    /// <summary>How far it is in its target's share of bytes; <see cref="FairTurns"/>'s.</summary>
    public long Share { get; set; }

    /// <summary>The file that the path leads to.</summary>
    public TailedFile? Current => Files.Count > 0 && !Files[^1].Rotated ? Files[^1] : null;

    /// <summary>Bytes of this source that are not confirmed yet.</summary>
    public long LagBytes => Files.Sum(f => f.LagBytes);

    /// <summary>Takes what is newly known of the source; the path and key stay.</summary>
    public void Update(SourceSpec spec)
    {
        if (spec != Spec)
        {
            LimitVersion = 0;
            Finished = Told = false;
            Share = spec.Target == Spec.Target ? Share : 0;
        }

        Spec = spec;
        IsIdle = false;
        foreach (var file in Files)
        {
            file.Source = spec;
        }
    }

    /// <summary>Whether it grows by declaration, but its only file is read to its end and has not changed for a while: nothing is to be done before its size changes.</summary>
    public bool IsIdle { get; set; }

    /// <summary>Whether it is one file, read to its end, with no line or record open.</summary>
    public bool HasNothing => Files.Count == 1 && Files[0] is { AtEnd: true, HasPending: false, HasOpen: false, Rotated: false, HandsOver: false };

    /// <summary>Where it stands; the same object while nothing changes.</summary>
    public SourceStatus Status(TimeProvider time)
    {
        long size = 0, read = 0, confirmed = 0;
        long? behind = null;
        foreach (var file in Files)
        {
            size += file.Size;
            read += Math.Min(file.Position, file.Size);
            confirmed += Math.Min(file.ConfirmedOffset, file.Size);
            behind = Earlier(behind, file.BehindSince);
        }

        var problem = Problem ?? RotatedProblem ?? account.Problem;
        var state = Finished ? SourceState.Drained : !Spec.Growing ? SourceState.Draining : Problem is null ? SourceState.Following : SourceState.Failing;
        var now = (Spec, state, Files.Count, size, read, confirmed, behind, BytesRead, account.Lines, account.Records, account.Version, problem);
        if (_status is null || behind is not null || now != _statusOf)
        {
            _statusOf = now;
            _status = new SourceStatus
            {
                Key = Spec.Key,
                Name = Spec.DisplayName,
                ContainerId = Spec.ContainerId,
                Path = Spec.Path,
                Target = Spec.Target,
                Config = Spec.Config,
                ConfigVersion = Spec.ConfigVersion,
                State = state,
                Files = Files.Count,
                SizeBytes = size,
                ReadBytes = read,
                ConfirmedBytes = confirmed,
                LagBytes = size - confirmed,
                LagSeconds = behind is { } since ? Math.Round(time.GetElapsedTime(since).TotalSeconds, 3) : 0,
                BytesTotal = BytesRead,
                LinesTotal = account.Lines,
                RecordsTotal = account.Records,
                UnparsedTotal = account.Unparsed,
                Dropped = account.Dropped.Count == 0 ? Nothing : new Dictionary<string, long>(account.Dropped),
                Problem = problem,
            };
        }

        return _status;
    }

    private static long? Earlier(long? one, long? other) => one is null || other < one ? other ?? one : one;

    /// <summary>Looks at the path that failed in a row.</summary>
    public int Failures { get; set; }

    /// <summary>The file whose turn it is: the oldest that has not been read to its end and does not wait after an error.</summary>
    /// <param name="now">The monotonic clock.</param>
    public TailedFile? Next(long now)
    {
        foreach (var file in Files)
        {
            if (!file.AtEnd && (file.Failures == 0 || now >= file.RetryAt))
            {
                return file;
            }
        }

        return null;
    }
}

using Microsoft.Extensions.Logging;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// Looks, soon after the start and every ten minutes, which of the known files still exist: those that have not for the
/// tombstone's age are forgotten, and one that went with unread bytes is a loss, counted once. What cannot be looked at is
/// kept. Looking runs beside the tail loop, which takes the findings a slice a round.
/// </summary>
internal sealed partial class GoneFiles(
    KnownFiles known, CollectorOptions options, CollectorMetrics metrics, TimeProvider time, ILogger<GoneFiles> logger)
{
    private const int SliceMax = 1000;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>How old the time may get at which a file is noted to have existed.</summary>
    private static readonly TimeSpan SeenAge = TimeSpan.FromDays(1);

    /// <summary>A file system that is not there for so long is taken for gone.</summary>
    private static readonly TimeSpan UnknownAge = TimeSpan.FromDays(30);

    private Queue<(KnownEntry Entry, Presence Presence)> _findings = new();
    private Task<Queue<(KnownEntry Entry, Presence Presence)>>? _look;
    private Task<Checkpoint[]>? _replaced;
    private long? _lastLook;

    /// <summary>Raised on a pool thread when there are findings.</summary>
    public event Action? Progress;

    /// <summary>Looks completed since the start.</summary>
    public int Looks { get; private set; }

    /// <summary>Whether no look is under way and all findings are taken in.</summary>
    public bool IsIdle => _look is null && _findings.Count == 0;

    /// <summary>Starts a look when it is due, and takes findings in. The tail loop's.</summary>
    public void Tick()
    {
        for (var i = 0; i < SliceMax && _findings.TryDequeue(out var finding); i++)
        {
            Apply(finding.Entry, finding.Presence);
        }

        TakeReplaced();
        if (_look is { IsCompleted: true })
        {
            Finish(_look);
        }
        else if (IsIdle && (_lastLook is not { } last || time.GetElapsedTime(last) >= Interval))
        {
            _lastLook = time.GetTimestamp();
            var entries = known.Entries.ToArray();
            var now = time.GetUtcNow().ToUnixTimeSeconds();
            _look = Task.Run(() => Look(entries, now));
        }
    }

    private void Finish(Task<Queue<(KnownEntry Entry, Presence Presence)>> look)
    {
        _look = null;
        if (look.IsCompletedSuccessfully)
        {
            _findings = look.Result;
            Looks++;
        }
        else
        {
            LogLookFailed(logger, look.Exception!.InnerException!);
        }
    }

    /// <summary>A file of which another took the place is gone for sure, unless there is a copy.</summary>
    private void TakeReplaced()
    {
        if (_replaced is { IsCompleted: true })
        {
            foreach (var lost in _replaced.IsCompletedSuccessfully ? _replaced.Result : [])
            {
                CountLoss(lost);
            }

            _replaced = null;
        }

        if (_replaced is null && known.Replaced.Count > 0)
        {
            var candidates = known.Replaced.ToArray();
            known.Replaced.Clear();
            _replaced = Task.Run(() =>
            {
                try
                {
                    var presence = new FilePresence();
                    return candidates.Where(c => !presence.MayHaveCopy(c)).ToArray();
                }
                finally
                {
                    Progress?.Invoke();
                }
            });
        }
    }

    private void CountLoss(Checkpoint checkpoint)
    {
        var unread = checkpoint.Size - checkpoint.Offset;
        if (unread > 0)
        {
            metrics.Dropped("gone_unread", unread);
            LogLoss(logger, checkpoint.Path, checkpoint.Target, checkpoint.Offset, checkpoint.Size, unread);
        }
    }

    /// <summary>What of these is to be acted on.</summary>
    private Queue<(KnownEntry Entry, Presence Presence)> Look(KnownEntry[] entries, long now)
    {
        try
        {
            Array.Sort(entries, (a, b) => CompareByFolder(CheckpointCodec.PathOf(a.Encoded), CheckpointCodec.PathOf(b.Encoded)));
            var findings = new Queue<(KnownEntry, Presence)>();
            var presence = new FilePresence();
            foreach (var entry in entries)
            {
                var checkpoint = entry.Decode();
                var found = presence.Of(checkpoint);
                if (Changes(checkpoint, found, now))
                {
                    findings.Enqueue((entry, found));
                }
            }

            return findings;
        }
        finally
        {
            Progress?.Invoke();
        }
    }

    private bool Changes(Checkpoint checkpoint, Presence found, long now) => found switch
    {
        Presence.Present => checkpoint.GoneSince != 0 || IsOlder(checkpoint.LastSeen, now, SeenAge),
        Presence.Gone => checkpoint.GoneSince == 0 || checkpoint.GoneSince > now || IsOlder(checkpoint.GoneSince, now, options.TombstoneAge),
        _ => IsOlder(checkpoint.LastSeen, now, UnknownAge),
    };

    private void Apply(KnownEntry entry, Presence found)
    {
        if (entry.IsRemoved)
        {
            // Opened or replaced meanwhile.
            return;
        }

        var checkpoint = entry.Decode();
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        if (found == Presence.Present)
        {
            known.Keep(checkpoint with { GoneSince = 0, LastSeen = now }, entry.Home);
            return;
        }

        CountLoss(checkpoint);
        if (found == Presence.Unknown || (checkpoint.GoneSince != 0 && IsOlder(checkpoint.GoneSince, now, options.TombstoneAge)))
        {
            known.Forget(checkpoint.Key, entry.Home);
        }
        else
        {
            // Its range is counted: should it come back, it is read on all the same.
            known.Keep(checkpoint with { GoneSince = now, Size = Math.Min(checkpoint.Size, checkpoint.Offset) }, entry.Home);
        }
    }

    private static bool IsOlder(long since, long now, TimeSpan age) => now - since > age.TotalSeconds;

    /// <summary>Files of one folder come together.</summary>
    private static int CompareByFolder(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var (slashOfA, slashOfB) = (Math.Max(a.LastIndexOf((byte)'/'), 0), Math.Max(b.LastIndexOf((byte)'/'), 0));
        var folders = a[..slashOfA].SequenceCompareTo(b[..slashOfB]);
        return folders != 0 ? folders : a[slashOfA..].SequenceCompareTo(b[slashOfB..]);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} is gone, and bytes {From} to {To} of it were not delivered to target {Target}: {Bytes} bytes are lost.")]
    private static partial void LogLoss(ILogger logger, string path, string target, long from, long to, long bytes);

    [LoggerMessage(Level = LogLevel.Error, Message = "The look for files that are gone failed; nothing is forgotten.")]
    private static partial void LogLookFailed(ILogger logger, Exception e);
}

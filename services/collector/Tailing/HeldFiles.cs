using Microsoft.Extensions.Logging;

namespace Tributary.Collector.Tailing;

/// <summary>
/// Bounds what deleted files keep of the disk while they wait to be read: by bytes of all, and by the time since each
/// was seen deleted. Beyond a bound the files that were deleted first are let go, with their unread bytes counted as
/// dropped and said. Touched by the tail loop alone.
/// </summary>
internal sealed partial class HeldFiles(FileAdmission open, CollectorOptions options, CollectorMetrics metrics, TimeProvider time, ILogger<HeldFiles> logger)
{
    /// <summary>Bytes on the disk of deleted files that are open, when last looked at.</summary>
    public long Bytes { get; private set; }

    /// <summary>Notes whether the file is deleted by now.</summary>
    public void Note(TailedFile file, FileStat stat)
    {
        file.DeletedAt = stat.Links > 0 ? null : file.DeletedAt ?? time.GetTimestamp();
        file.HeldBytes = stat.Links > 0 ? 0 : stat.Allocated;
    }

    /// <summary>Lets go what is beyond the bounds.</summary>
    public void Bound(IEnumerable<FollowedSource> sources)
    {
        var held = sources.SelectMany(s => s.Files).Where(f => f is { DeletedAt: not null, GivenUp: false, Superseded: false }).OrderBy(f => f.DeletedAt).ToArray();
        var bytes = held.Sum(f => f.HeldBytes);
        foreach (var file in held)
        {
            var tooMany = bytes > options.HeldDeletedBytesMax;
            if (!tooMany && time.GetElapsedTime(file.DeletedAt!.Value) < options.HeldDeletedTimeMax)
            {
                break;
            }

            bytes -= file.HeldBytes;
            LetGo(file, tooMany ? "held_bytes" : "held_time");
        }

        Bytes = bytes;
    }

    private void LetGo(TailedFile file, string reason)
    {
        var unread = file.Size - file.Position;
        if (unread > 0)
        {
            metrics.Dropped(reason, 1);
            metrics.LostBytes(reason, unread);
            LogLetGo(logger, file.Source.DisplayName, file.FirstPath, file.Position, file.Size, reason);
        }

        // Its inode may be another file's from now on.
        file.LetGo();
        open.Supersede(file);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source}: {Path} was deleted and could not be read in time: bytes {From} to {To} are lost ({Reason}). The next hop is away or slow; see heldDeletedBytesMax and heldDeletedTimeMax.")]
    private static partial void LogLetGo(ILogger logger, string source, string path, long from, long to, string reason);
}

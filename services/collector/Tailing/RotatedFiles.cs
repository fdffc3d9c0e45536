using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Tributary.Collector.Checkpoints;

namespace Tributary.Collector.Tailing;

/// <summary>
/// Finds what a source's path was rotated to, and what of it is still to be read: files known by their identity, those
/// that came after the newest known one, copies of what was truncated, and compressed files, both told by their content.
/// What cannot be opened does not stop the others, and is looked at again. Touched by the tail loop alone.
/// </summary>
internal sealed partial class RotatedFiles(
    FileAdmission open, KnownFiles known, CompressedFiles compressed, CollectorMetrics metrics, ILogger<RotatedFiles> logger)
{
    /// <summary>Looks at once. A folder that cannot be listed hides what was rotated, but not the path's own file.</summary>
    /// <param name="source">The source.</param>
    /// <param name="last">The newest file that was known before; what was rotated after it is the source's for sure.</param>
    public void Look(FollowedSource source, FileKey last)
    {
        try
        {
            LookAt(source, last);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            source.RotatedAfter = last;
            source.Successor = null;
            open.ReportRotated(source, source.Spec.Path, $"what it was rotated to cannot be looked for: {e.Message}");
        }
    }

    private void LookAt(FollowedSource source, FileKey last)
    {
        var spec = source.Spec;
        var readBefore = known.KeysOf(spec.Path, spec.Target);
        source.RotatedAfter = null;
        if (!spec.ReadRotated && readBefore.Count == 0 && last == default && !source.Files.Exists(f => f.Superseded))
        {
            return;
        }

        DrainFormer(source);
        var afterLast = false;
        var siblings = RotatedSiblings.Find(spec.Path, readBefore);
        for (var i = 0; i < siblings.Count; i++)
        {
            var sibling = siblings[i];
            source.Successor = siblings.Skip(i + 1).Select(s => source.Files.Find(f => f.Key == s.Stat.Key && !f.Superseded)).FirstOrDefault(f => f is not null);
            var own = sibling.ByName && (spec.ReadRotated || afterLast);
            if (!TryOpen(source, sibling, own))
            {
                source.RotatedAfter = last;
            }


            // After a start nothing is known to be open, but what was read before: what came after it is the source's too.
            afterLast |= sibling.Stat.Key == last || (last == default && sibling.ByName && known.ContainsAt(sibling.Stat.Key, spec));
        }

        source.Successor = null;
    }

    /// <summary>False when it has to be looked at again.</summary>
    private bool TryOpen(FollowedSource source, RotatedSibling sibling, bool own)
    {
        try
        {
            if (open.Contains(source.Spec.CheckpointKeyOf(sibling.Stat.Key)) || source.Files.Exists(f => f.Key == sibling.Stat.Key && !f.Superseded))
            {
                return true;
            }

            return sibling.Compressed ? OpenCompressed(source, sibling, own) : OpenPlain(source, sibling, own);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Renamed again since: what follows it is not begun before the next look, as a line may go on there.
            if ((source.Successor ?? source.Current) is { } next)
            {
                source.HeldBack.Add(next);
            }

            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            open.ReportRotated(source, sibling.Path, e.Message);
            return false;
        }
    }

    private bool OpenPlain(FollowedSource source, RotatedSibling sibling, bool own)
    {
        if (!own && !sibling.ByName && !known.ContainsAt(sibling.Stat.Key, source.Spec))
        {
            return true;
        }

        using (var handle = File.OpenHandle(sibling.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        {
            // By its content too: another file may have got the inode.
            var isKnown = known.Recognizes(sibling.Stat, source.Spec, handle);
            if (isKnown && known.IsFinished(sibling.Stat, source.Spec))
            {
                return true;
            }

            if (!isKnown && sibling.ByName && OpenCopy(source, sibling, handle) is { } opened)
            {
                return opened;
            }

            if (!own && !isKnown)
            {
                return true;
            }
        }

        return open.Open(source, sibling.Path, rotated: true, onlyKnown: !own);
    }

    /// <summary>Null when it is no copy of what was read under the path.</summary>
    private bool? OpenCopy(FollowedSource source, RotatedSibling sibling, SafeFileHandle handle)
    {
        var lost = known.LostOf(source.Spec).OrderByDescending(c => c.Tail.End).ToArray();
        var cut = source.Files.Where(f => f.Superseded).OrderByDescending(f => f.Position).ToArray();
        if (lost.Length == 0 && cut.Length == 0 && !source.Spec.ReadRotated)
        {
            return null;
        }

        foreach (var file in cut)
        {
            if (file.Fingerprint.Length > 0 && file.Tail.Matches(handle) && file.Fingerprint.Matches(handle))
            {
                return open.Move(file, sibling.Path, sibling.Stat, facts: null);
            }
        }

        foreach (var checkpoint in lost)
        {
            if (checkpoint.Tail.Matches(handle) && checkpoint.Fingerprint.Matches(handle))
            {
                return open.OpenAs(source, sibling.Path, sibling.Stat, checkpoint, facts: null);
            }
        }

        // A copy that is being made of a file that is read now: what it holds comes from there.
        return source.Spec.ReadRotated && source.Files.Exists(f => !f.Superseded && !f.Bytes.IsCompressed && IsCopy(f, handle)) ? true : null;
    }

    /// <summary>Whether the shorter of the two is the beginning of the other, as far as samples tell. Lines of containers carry their time, so others differ.</summary>
    private static bool IsCopy(TailedFile file, SafeFileHandle other)
    {
        var shorter = Math.Min(FileStat.OfHandle(other).Size, FileStat.OfHandle(file.Bytes.Handle).Size);
        if (shorter < TailMark.LengthMax)
        {
            return false;
        }

        var head = Fingerprint.Of(other, (int)Math.Min(shorter, Fingerprint.LengthMax));
        return head.Matches(file.Bytes.Handle) && TailMark.At(other, shorter).Matches(file.Bytes.Handle);
    }

    private bool OpenCompressed(FollowedSource source, RotatedSibling sibling, bool own)
    {
        if (known.CompressedOf(sibling.Stat.Key, source.Spec) is { } seen)
        {
            if (seen.Offset < seen.Size)
            {
                return Resume(source, sibling, seen);
            }

            if (GzipFacts.EndsWith(sibling.Path, seen.Size))
            {
                return true;
            }

            // Another file that got the inode.
            known.Disown(seen);
        }

        var cut = source.Files.Where(f => f.Superseded && f.Fingerprint.Length > 0).ToArray();
        var checkpoints = known.OfPath(source.Spec).Where(c => c is { Compressed: false, FingerprintLength: > 0 }).OrderByDescending(c => c.Tail.End).ToArray();
        var held = source.Files.Where(f => f is { Superseded: false, Rotated: true, GivenUp: false, Fingerprint.Length: > 0, Bytes.IsCompressed: false }).ToArray();
        if (!own && cut.Length == 0 && checkpoints.Length == 0)
        {
            return true;
        }

        var tails = checkpoints.Select(c => c.Tail).Concat(cut.Concat(held).Select(f => f.Tail)).ToHashSet();
        if (compressed.Examine(sibling.Path, sibling.Stat, tails) is not { } facts)
        {
            Wait(source, sibling);
            return false;
        }

        if (!facts.IsWhole)
        {
            GiveUp(source, sibling);
            return true;
        }

        if (held.Any(f => FileStat.OfHandle(f.Bytes.Handle).Size == facts.Length && facts.Continues(f.Fingerprint, f.Tail)))
        {
            // The file that it was made of is open still, and read from there.
            return true;
        }

        if (cut.FirstOrDefault(f => facts.Continues(f.Fingerprint, f.Tail)) is { } file)
        {
            return open.Move(file, sibling.Path, sibling.Stat, facts);
        }

        var checkpoint = checkpoints.FirstOrDefault(c => facts.Continues(c.Fingerprint, c.Tail));
        return (checkpoint is null && !(own && StartsBefore(source.Spec.Start, sibling.Stat))) || open.OpenAs(source, sibling.Path, sibling.Stat, checkpoint, facts);
    }

    /// <summary>It was read in part under this name.</summary>
    private bool Resume(FollowedSource source, RotatedSibling sibling, Checkpoint checkpoint)
    {
        if (compressed.Examine(sibling.Path, sibling.Stat, new HashSet<TailMark> { checkpoint.Tail }) is not { } facts)
        {
            Wait(source, sibling);
            return false;
        }

        if (!facts.IsWhole)
        {
            GiveUp(source, sibling);
            return true;
        }

        if (!facts.Continues(checkpoint.Fingerprint, checkpoint.Tail))
        {
            // Another file that got the inode: the next look takes it for what it is.
            known.Disown(checkpoint);
            return false;
        }

        return open.OpenAs(source, sibling.Path, sibling.Stat, checkpoint, facts);
    }

    /// <summary>
    /// Where the path led by a link when it was read last, and does no more: what is there is read to its end.
    /// </summary>
    private void DrainFormer(FollowedSource source)
    {
        foreach (var checkpoint in known.OfPath(source.Spec).Where(c => c is { RealPath: not null, Compressed: false, FingerprintLength: > 0 }).ToArray())
        {
            try
            {
                if (FileStat.OfPath(checkpoint.RealPath!) is { Kind: FileKind.Regular } stat
                    && stat.Key.Inode == checkpoint.Inode && !known.IsFinished(stat, source.Spec)
                    && !open.Contains(source.Spec.CheckpointKeyOf(stat.Key)))
                {
                    open.Open(source, checkpoint.RealPath!, rotated: true, onlyKnown: true);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                open.ReportRotated(source, checkpoint.RealPath!, e.Message);
            }
        }
    }

    private void Wait(FollowedSource source, RotatedSibling sibling)
    {
        source.Examining = true;
        if (!compressed.IsTorn(sibling.Stat.Key) && (source.Successor ?? source.Current) is { } next)
        {
            source.HeldBack.Add(next);
        }
    }

    private static bool StartsBefore(StartPosition start, FileStat stat) => start.Kind switch
    {
        StartKind.Beginning => true,
        StartKind.End => false,
        _ => stat.ModifiedAt >= (start.Since - DateTimeOffset.UnixEpoch).Ticks * 100,
    };

    private void GiveUp(FollowedSource source, RotatedSibling sibling)
    {
        if (compressed.GiveUp(sibling.Stat.Key))
        {
            metrics.Dropped("torn_gzip", 1);
            LogTorn(logger, source.Spec.DisplayName, sibling.Path, sibling.Stat.Size);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source}: {Path} ({Bytes} bytes) did not become a whole gzip file; what it holds and was not read before is lost.")]
    private static partial void LogTorn(ILogger logger, string source, string path, long bytes);
}

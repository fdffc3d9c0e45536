using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Tributary.Collector.Batching;
using Tributary.Collector.Checkpoints;

namespace Tributary.Collector.Tailing;

/// <summary>
/// Looks at a source's path: opens what is there, sees rotation, truncation and removal. A path that cannot be read is
/// reported once, and looked at again; other sources go on. Touched by the tail loop alone.
/// </summary>
internal sealed partial class FileOpener(KnownFiles known, CheckpointHomes homes, CollectorMetrics metrics, CollectorOptions options, ILogger<FileOpener> logger)
{
    private readonly OpenFiles _open = new();
    private bool _fullReported;

    public IReadOnlyCollection<TailedFile> Open => _open.All;

    /// <summary>Looks at the path, and opens what is new.</summary>
    public void Look(FollowedSource source)
    {
        try
        {
            LookAt(source);
        }
        catch (UnauthorizedAccessException e)
        {
            Report(source, "permission", e.Message);
            GiveUpUnlessGrowing(source, "permission");
        }
        catch (ArgumentException e)
        {
            Report(source, "path", e.Message);
            GiveUpUnlessGrowing(source, "path");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Renamed between looking and opening: the next look sees what is there then.
        }
        catch (IOException e)
        {
            Report(source, "io", e.Message);
            if (++source.Failures >= TailLoop.FailuresMax)
            {
                GiveUpUnlessGrowing(source, "io");
            }
        }
    }

    /// <summary>
    /// The file has other content than what was read of it. Nothing more comes of it under its id; the next look reads
    /// what the path leads to from its start under another.
    /// </summary>
    public void Rewritten(FollowedSource source, TailedFile file)
    {
        metrics.FileTruncated();
        LogTruncated(logger, source.Spec.Path, file.Position);
        file.Superseded = true;
        file.Rotated = true;
        file.Size = file.Position;
        source.VoidId = file.SourceId;
        _open.Remove(file);
        known.Forget(file.CheckpointKey, file.Home);
    }

    /// <summary>Closes a file and keeps its checkpoint.</summary>
    public void Close(TailedFile file, long nowUnixSeconds)
    {
        if (!file.Superseded)
        {
            _open.Remove(file);
            if (file.Durable)
            {
                known.Keep(file.ToCheckpoint(nowUnixSeconds), file.Home);
            }
        }

        file.Dispose();
    }

    /// <summary>Closes a file whose checkpoint is another node's by now; nothing is kept of it.</summary>
    public void Abandon(TailedFile file)
    {
        _open.Remove(file);
        file.Dispose();
    }

    /// <summary>Whether the file's checkpoint is this one's to write.</summary>
    public bool IsOpen(TailedFile file) => _open.Find(file.CheckpointKey) == file;

    private void LookAt(FollowedSource source)
    {
        var path = source.Spec.Path;
        var current = source.Current;
        if (FileStat.OfPath(path) is not { } stat)
        {
            Missing(source, current, path);
            return;
        }

        if (stat.Kind != FileKind.Regular)
        {
            Report(source, "kind", stat.Kind == FileKind.Directory ? "it is a directory, not a file" : "it is not a regular file");
            GiveUpUnlessGrowing(source, "not_a_file");
            return;
        }

        if (current is not null && current.Key == stat.Key)
        {
            if (source.RotatedAfter is { } unopened)
            {
                LookForRotated(source, path, unopened);
            }

            return;
        }

        if (current is not null)
        {
            current.Rotated = true;
        }

        if (source.Files.Find(f => f.Key == stat.Key && !f.Superseded) is { } back)
        {
            // The path leads to it again.
            back.Rotated = false;
            source.Files.Remove(back);
            source.Files.Add(back);
            return;
        }

        // What was rotated is looked for after the path was opened: a rotation in between is seen by the next look.
        var last = source.Files.Count > 0 ? source.Files[^1].Key : default;
        try
        {
            source.Seen |= OpenFile(source, path, rotated: false, source.VoidId);
        }
        finally
        {
            LookForRotated(source, path, last);
        }
    }

    /// <summary>A folder that cannot be listed hides what was rotated, but not the path's own file.</summary>
    private void LookForRotated(FollowedSource source, string path, FileKey last)
    {
        try
        {
            OpenRotated(source, path, last);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (source.RotatedProblem != e.Message)
            {
                source.RotatedProblem = e.Message;
                metrics.FileError("rotated");
                LogProblem(logger, source.Spec.DisplayName, path, $"what it was rotated to cannot be looked for: {e.Message}");
            }
        }
    }

    /// <summary>
    /// Opens the files that the path was rotated to and that are still to be read: at first sight, and at each rotation,
    /// because several may have happened since the last look. One that cannot be opened does not stop the others.
    /// </summary>
    /// <param name="source">The source.</param>
    /// <param name="path">Its path.</param>
    /// <param name="last">The newest file that was known before; what was rotated after it is the source's for sure.</param>
    private void OpenRotated(FollowedSource source, string path, FileKey last)
    {
        var readBefore = known.KeysOf(path, source.Spec.Target);
        if (!source.Spec.ReadRotated && readBefore.Count == 0 && last == default)
        {
            return;
        }

        var afterLast = false;
        source.RotatedAfter = null;
        foreach (var (sibling, stat, byName) in RotatedSiblings.Find(path, readBefore))
        {
            var own = byName && (source.Spec.ReadRotated || afterLast);
            if (WantsRotated(source, stat, own) && !TryOpenRotated(source, sibling, own))
            {
                source.RotatedAfter = last;
            }

            afterLast |= stat.Key == last;
        }
    }

    private bool TryOpenRotated(FollowedSource source, string path, bool own)
    {
        try
        {
            return OpenFile(source, path, rotated: true, onlyKnown: !own);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (source.RotatedProblem != e.Message)
            {
                source.RotatedProblem = e.Message;
                metrics.FileError("rotated");
                LogProblem(logger, source.Spec.DisplayName, path, e.Message);
            }

            return false;
        }
    }

    private bool WantsRotated(FollowedSource source, FileStat stat, bool own)
    {
        return _open.Find(source.Spec.CheckpointKeyOf(stat.Key)) is null
            && !known.IsFinished(stat, source.Spec)
            && (own || known.Contains(stat.Key, source.Spec.Target));
    }

    private bool OpenFile(FollowedSource source, string path, bool rotated, string? voidId = null, bool onlyKnown = false)
    {
        if (_open.Count >= options.OpenFilesMax)
        {
            if (!_fullReported)
            {
                LogFull(logger, options.OpenFilesMax);
                _fullReported = true;
            }

            metrics.FileError("open_files_max");
            return false;
        }

        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            var stat = FileStat.OfHandle(handle);
            if (_open.Find(source.Spec.CheckpointKeyOf(stat.Key)) is { } other)
            {
                if (source.Files.Contains(other))
                {
                    // Rotated again while looking.
                    handle.Dispose();
                    return false;
                }

                Report(source, "duplicate", $"it is the same file as {other.FirstPath}, which is followed already");
                source.Finished |= !source.Spec.Growing && source.Files.Count == 0;
                handle.Dispose();
                return false;
            }

            var (home, problem) = homes.Of(handle, stat, path);
            if (problem is not null)
            {
                Report(source, "disk", problem);
                handle.Dispose();
                return false;
            }

            if (LeavingDeclaration(source.Spec, stat.Key) is { } leaving)
            {
                // What it has not confirmed would come twice: this source goes on when that one has closed the file.
                leaving.HandsOver = true;
                leaving.Size = leaving.Position;
                handle.Dispose();
                return false;
            }

            if (onlyKnown && !known.Recognizes(stat, source.Spec, handle))
            {
                // Another file that got the inode.
                known.ForgetAll(stat.Key, source.Spec.Target);
                handle.Dispose();
                return true;
            }

            Add(source, home, handle, stat, rotated, voidId);
            return true;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Takes the file in. It must not get <paramref name="voidId"/>, though another target may still read under that.</summary>
    private void Add(FollowedSource source, CheckpointHome home, SafeFileHandle handle, FileStat stat, bool rotated, string? voidId)
    {
        var fingerprint = Fingerprint.Of(handle);
        var checkpoint = known.Take(stat, source.Spec, handle, home);
        var id = IdOf(source.Spec, handle, stat, checkpoint, voidId);
        var file = new TailedFile(source.Spec, handle, stat, fingerprint, checkpoint, id, source.Account.ForFile())
        {
            Home = home,
            Rotated = rotated,
            Durable = checkpoint is { FingerprintLength: > 0 },
        };
        source.Files.Insert(source.Files.Count - (rotated && source.Current is not null ? 1 : 0), file);
        source.Problem = null;
        _open.Add(file);
        metrics.FileOpened();
        LogOpened(logger, source.Spec.DisplayName, source.Spec.Path, file.Position, stat.Size);
    }

    /// <summary>
    /// The file's id, which all targets share; two declarations for one target have one each, as their records differ
    /// and a uid names one record.
    /// </summary>
    private string IdOf(SourceSpec source, SafeFileHandle handle, FileStat stat, Checkpoint? checkpoint, string? voidId)
    {
        var sameFile = _open.Of(stat.Key);
        var taken = sameFile.Where(f => f.Source.Target == source.Target).Select(f => f.SourceId)
            .Concat(known.SourceIdsOf(stat.Key, source.Target)).Append(voidId).ToHashSet();
        return checkpoint is not null && !taken.Contains(checkpoint.SourceId)
            ? checkpoint.SourceId
            : sameFile.FirstOrDefault(f => f.Position <= stat.Size && !taken.Contains(f.SourceId))?.SourceId
                ?? known.SourceIdOf(stat, handle, taken)
                ?? BatchSource.NewId();
    }

    /// <summary>A declaration that is no more and still reads the file for the same target, unless both were known before.</summary>
    private TailedFile? LeavingDeclaration(SourceSpec source, FileKey file) =>
        known.ContainsExactly(source.CheckpointKeyOf(file))
            ? null
            : _open.Of(file).FirstOrDefault(f => f.Source.Target == source.Target
                && f.Source.Declaration != source.Declaration && f is { Source.Growing: false, Superseded: false });

    private void Missing(FollowedSource source, TailedFile? current, string path)
    {
        if (current is not null)
        {
            current.Rotated = true;
        }

        // It may have been rotated away before it was ever looked at, and nothing may follow it.
        LookForRotated(source, path, source.Files.Count > 0 ? source.Files[^1].Key : default);
        if (source.Files.Count > 0)
        {
            source.Seen = true;
            return;
        }

        if (!source.Spec.Growing)
        {
            if (!source.Seen && !source.Finished)
            {
                metrics.Dropped("vanished", 1);
                Report(source, "vanished", "it does not exist");
            }

            source.Finished = true;
        }
        else if (source.Spec.ForgetWhenGone)
        {
            // The search that found it will find what comes in its place.
            source.Finished = source.Removed = true;
        }
        else
        {
            Report(source, "missing", "it does not exist yet; it is followed from its start when it appears");
        }
    }

    /// <summary>What is to be drained and cannot be read would never end.</summary>
    private void GiveUpUnlessGrowing(FollowedSource source, string reason)
    {
        if (!source.Spec.Growing && source.Files.Count == 0 && !source.Finished)
        {
            source.Finished = true;
            metrics.Dropped(reason, 1);
        }
    }

    private void Report(FollowedSource source, string reason, string problem)
    {
        if (source.Problem != problem)
        {
            source.Problem = problem;
            metrics.FileError(reason);
            LogProblem(logger, source.Spec.DisplayName, source.Spec.Path, problem);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Following {Source} at {Path} from byte {Offset} of {Size}.")]
    private static partial void LogOpened(ILogger logger, string source, string path, long offset, long size);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Path} does not hold any more what was read up to byte {Offset}: it was truncated or written anew. What it holds now is read from its start.")]
    private static partial void LogTruncated(ILogger logger, string path, long offset);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source}: {Path} is not read: {Problem}.")]
    private static partial void LogProblem(ILogger logger, string source, string path, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Max} files are open, the limit; further files wait. Raise openFilesMax, or exclude files.")]
    private static partial void LogFull(ILogger logger, int max);
}

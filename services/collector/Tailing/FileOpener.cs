using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Tributary.Collector.Checkpoints;

namespace Tributary.Collector.Tailing;

/// <summary>
/// Looks at a source's path: opens what is there, sees rotation, truncation and removal. A path that cannot be read is
/// reported once, and looked at again; other sources go on. Touched by the tail loop alone.
/// </summary>
internal sealed partial class FileOpener(KnownFiles known, CollectorMetrics metrics, CollectorOptions options, ILogger<FileOpener> logger)
{
    private readonly Dictionary<FileForTarget, TailedFile> _open = [];
    private bool _fullReported;

    public IReadOnlyCollection<TailedFile> Open => _open.Values;

    /// <summary>Looks at the path; true when a file was opened.</summary>
    public bool Look(FollowedSource source)
    {
        try
        {
            return LookAt(source);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report(source, e is UnauthorizedAccessException ? "permission" : "io", e.Message);
            return false;
        }
    }

    /// <summary>Closes a file and keeps its checkpoint.</summary>
    public void Close(TailedFile file, long nowUnixSeconds)
    {
        if (!file.Superseded)
        {
            _open.Remove(file.CheckpointKey);
            known.Keep(file.ToCheckpoint(nowUnixSeconds));
        }

        file.Dispose();
    }

    /// <summary>All checkpoints, of open files and of known ones.</summary>
    public List<Checkpoint> Checkpoints(long nowUnixSeconds)
    {
        var all = new List<Checkpoint>(_open.Count + known.All.Count);
        all.AddRange(known.All);
        all.AddRange(_open.Values.Select(f => f.ToCheckpoint(nowUnixSeconds)));
        return all;
    }

    private bool LookAt(FollowedSource source)
    {
        var path = source.Spec.Path;
        var current = source.Current;
        if (FileStat.OfPath(path) is not { } stat)
        {
            Missing(source, current);
            return false;
        }

        if (stat.Kind != FileKind.Regular)
        {
            Report(source, "kind", stat.Kind == FileKind.Directory ? "it is a directory, not a file" : "it is not a regular file");
            source.Finished |= !source.Spec.Growing;
            return false;
        }

        if (current is not null && current.Key == stat.Key)
        {
            return stat.Size < current.Position && Truncated(source, current, path);
        }

        if (current is not null)
        {
            current.Rotated = true;
        }

        return OpenFirst(source, path);
    }

    private bool OpenFirst(FollowedSource source, string path)
    {
        if (!source.Seen)
        {
            foreach (var sibling in RotatedSiblings.Find(path))
            {
                if (FileStat.OfPath(sibling) is { Kind: FileKind.Regular } stat && WantsRotated(source, stat))
                {
                    OpenFile(source, sibling, rotated: true);
                }
            }
        }

        var opened = OpenFile(source, path, rotated: false);
        source.Seen |= opened;
        return opened;
    }

    private bool WantsRotated(FollowedSource source, FileStat stat)
    {
        var target = source.Spec.Target;
        return !_open.ContainsKey(new FileForTarget(stat.Key, target))
            && !known.IsFinished(stat, target)
            && (source.Spec.ReadRotated || known.Contains(stat.Key, target));
    }

    private bool OpenFile(FollowedSource source, string path, bool rotated, string? voidId = null)
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
            if (_open.TryGetValue(new FileForTarget(stat.Key, source.Spec.Target), out var other))
            {
                Report(source, "duplicate", $"it is the same file as {other.FirstPath}, which is followed already");
                source.Finished |= !source.Spec.Growing;
                handle.Dispose();
                return false;
            }

            Add(source, handle, stat, rotated, voidId);
            return true;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Takes the file in. It must not get <paramref name="voidId"/>, though another target may still read under that.</summary>
    private void Add(FollowedSource source, SafeFileHandle handle, FileStat stat, bool rotated, string? voidId)
    {
        var checkpoint = known.Take(stat, source.Spec, handle);
        var id = checkpoint?.SourceId
            ?? _open.Values.FirstOrDefault(f => f.Key == stat.Key && f.SourceId != voidId && f.Position <= stat.Size)?.SourceId
            ?? known.SourceIdOf(stat, handle, voidId)
            ?? NewId();
        var file = new TailedFile(source.Spec, handle, stat, Fingerprint.Of(handle), checkpoint, id)
        {
            Rotated = rotated,
            Durable = checkpoint is not null,
        };
        source.Files.Add(file);
        source.Problem = null;
        _open[file.CheckpointKey] = file;
        metrics.FileOpened();
        LogOpened(logger, source.Spec.DisplayName, source.Spec.Path, file.Position, stat.Size);
    }

    /// <summary>Offsets start again, so the records need another source id.</summary>
    private bool Truncated(FollowedSource source, TailedFile file, string path)
    {
        metrics.FileTruncated();
        LogTruncated(logger, path, file.Position);
        file.Superseded = true;
        file.Rotated = true;
        file.Size = file.Position;
        _open.Remove(file.CheckpointKey);
        return OpenFile(source, path, rotated: false, file.SourceId);
    }

    private void Missing(FollowedSource source, TailedFile? current)
    {
        if (current is not null)
        {
            current.Rotated = true;
            return;
        }

        if (source.Files.Count > 0)
        {
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
        else
        {
            Report(source, "missing", "it does not exist yet; it is followed from its start when it appears");
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

    private static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));

    [LoggerMessage(Level = LogLevel.Debug, Message = "Following {Source} at {Path} from byte {Offset} of {Size}.")]
    private static partial void LogOpened(ILogger logger, string source, string path, long offset, long size);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Path} shrank below byte {Offset}; it is read again from its start.")]
    private static partial void LogTruncated(ILogger logger, string path, long offset);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source}: {Path} is not read: {Problem}.")]
    private static partial void LogProblem(ILogger logger, string source, string path, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Max} files are open, the limit; further files wait. Raise openFilesMax, or exclude files.")]
    private static partial void LogFull(ILogger logger, int max);
}

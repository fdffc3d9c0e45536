using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Tributary.Collector.Batching;
using Tributary.Collector.Checkpoints;

namespace Tributary.Collector.Tailing;

/// <summary>
/// The files that are held open, each once for a declaration and target, and what makes one of them: its handle, its
/// checkpoint by identity, or a new source id. Bounded by <see cref="CollectorOptions.OpenFilesMax"/>. Touched by the
/// tail loop alone.
/// </summary>
internal sealed partial class FileAdmission(
    KnownFiles known, CheckpointHomes homes, CollectorMetrics metrics, CollectorOptions options, TimeProvider time, ILogger<FileAdmission> logger)
{
    private readonly OpenFiles _open = new();
    private bool _fullReported;

    public IReadOnlyCollection<TailedFile> All => _open.All;

    public bool Contains(CheckpointKey key) => _open.Find(key) is not null;

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

    /// <summary>Opens what is at the path. False when it has to be tried again.</summary>
    /// <param name="source">Whose file it becomes.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="rotated">Whether the source's path leads elsewhere.</param>
    /// <param name="onlyKnown">Only if it is one that was read before.</param>
    /// <exception cref="IOException">It cannot be opened or read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public bool Open(FollowedSource source, string path, bool rotated, bool onlyKnown = false)
    {
        if (IsFull())
        {
            return false;
        }

        var handle = OpenHandle(path);
        try
        {
            var stat = FileStat.OfHandle(handle);
            if (IsTaken(source, stat.Key))
            {
                handle.Dispose();
                return false;
            }

            if (HomeOf(source, handle, stat, path) is not { } home)
            {
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

            Add(source, home, handle, stat, rotated);
            return true;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file whose text is known to be, or to go on, that of a checkpoint, or to be new where there is none.</summary>
    /// <param name="source">Whose file it becomes.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="stat">Which it is; another one that came in its place is not opened.</param>
    /// <param name="checkpoint">What was read of the text.</param>
    /// <param name="facts">What it decompresses to; null for a plain file.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public bool OpenAs(FollowedSource source, string path, FileStat stat, Checkpoint? checkpoint, GzipFacts? facts)
    {
        if (IsFull() || OpenBytes(path, stat, facts) is not { } bytes)
        {
            return false;
        }

        if (HomeOf(source, bytes.Handle, stat, path) is not { } home)
        {
            bytes.Dispose();
            return false;
        }

        var fingerprint = facts is null ? Fingerprint.Of(bytes.Handle) : Fingerprint.Of(facts.Head);
        var file = new TailedFile(
            source.Spec, bytes, stat with { Size = facts?.Length ?? stat.Size }, fingerprint, checkpoint, checkpoint?.SourceId ?? BatchSource.NewId(), source.Account.ForFile())
        {
            Home = home,
            Rotated = true,
            Durable = checkpoint is { FingerprintLength: > 0 },
        };
        if (checkpoint is not null)
        {
            known.MoveTo(checkpoint, file.ToCheckpoint(time.GetUtcNow().ToUnixTimeSeconds()), home);
        }

        Insert(source, file);
        return true;
    }

    /// <summary>The text that the file was read from is at the path now: it goes on there.</summary>
    /// <inheritdoc cref="OpenAs"/>
    public bool Move(TailedFile file, string path, FileStat stat, GzipFacts? facts)
    {
        if (OpenBytes(path, stat, facts) is not { } bytes)
        {
            return false;
        }

        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var old = file.ToCheckpoint(now);
        file.MoveTo(bytes, stat.Key, facts?.Length ?? stat.Size);
        _open.Add(file);
        if (file.Durable)
        {
            // Under its old key the path's own file is known by now.
            known.MoveTo(old with { Device = ulong.MaxValue }, file.ToCheckpoint(now), file.Home);
        }

        LogMoved(logger, file.Source.Path, file.Position, path);
        return true;
    }

    /// <summary>The file's content is gone: its checkpoint is void, unless a copy is found.</summary>
    public void Supersede(TailedFile file)
    {
        if (IsOpen(file))
        {
            _open.Remove(file);
            known.Forget(file.CheckpointKey, file.Home);
        }

        file.Superseded = true;
        file.Rotated = true;
        file.Size = file.Position;
    }

    /// <summary>Says once what keeps a source from being read.</summary>
    public void Report(FollowedSource source, string reason, string problem)
    {
        if (source.Problem != problem)
        {
            source.Problem = problem;
            metrics.FileError(reason);
            LogProblem(logger, source.Spec.DisplayName, source.Spec.Path, problem);
        }
    }

    /// <summary>Says once what keeps a rotated file from being read.</summary>
    public void ReportRotated(FollowedSource source, string path, string problem)
    {
        if (source.RotatedProblem != problem)
        {
            source.RotatedProblem = problem;
            metrics.FileError("rotated");
            LogProblem(logger, source.Spec.DisplayName, path, problem);
        }
    }

    private static SafeFileHandle OpenHandle(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private static LogBytes? OpenBytes(string path, FileStat stat, GzipFacts? facts)
    {
        var handle = OpenHandle(path);
        if (FileStat.OfHandle(handle).Key == stat.Key)
        {
            return new LogBytes(handle, facts is not null);
        }

        handle.Dispose();
        return null;
    }

    /// <summary>Where the file's checkpoint is kept; null, and reported, when its disk is not ours now.</summary>
    private CheckpointHome? HomeOf(FollowedSource source, SafeFileHandle handle, FileStat stat, string path)
    {
        var (home, problem) = homes.Of(handle, stat, path);
        if (problem is null)
        {
            return home;
        }

        Report(source, "disk", problem);
        return null;
    }

    private bool IsFull()
    {
        if (_open.Count < options.OpenFilesMax)
        {
            return false;
        }

        if (!_fullReported)
        {
            LogFull(logger, options.OpenFilesMax);
            _fullReported = true;
        }

        metrics.FileError("open_files_max");
        return true;
    }

    /// <summary>Whether another source reads the file, or this one does already.</summary>
    private bool IsTaken(FollowedSource source, FileKey file)
    {
        if (_open.Find(source.Spec.CheckpointKeyOf(file)) is { } other)
        {
            // Where it is this source's own, it was rotated again while looking.
            if (!source.Files.Contains(other))
            {
                Report(source, "duplicate", $"it is the same file as {other.FirstPath}, which is followed already");
                source.Finished |= !source.Spec.Growing && source.Files.Count == 0;
            }

            return true;
        }

        if (LeavingDeclaration(source.Spec, file) is { } leaving)
        {
            // What it has not confirmed would come twice: this source goes on when that one has closed the file.
            leaving.HandsOver = true;
            leaving.Size = leaving.Position;
            return true;
        }

        return false;
    }

    private void Add(FollowedSource source, CheckpointHome home, SafeFileHandle handle, FileStat stat, bool rotated)
    {
        var fingerprint = Fingerprint.Of(handle);
        var checkpoint = known.Take(stat, source.Spec, handle, home);
        try
        {
            Add(source, home, handle, stat, rotated, fingerprint, checkpoint);
        }
        catch when (checkpoint is not null)
        {
            // Without it the next look would take the file for a new one.
            known.Keep(checkpoint with { Device = stat.Key.Device, Declaration = source.Spec.Declaration }, home);
            throw;
        }
    }

    private void Add(
        FollowedSource source, CheckpointHome home, SafeFileHandle handle, FileStat stat, bool rotated, Fingerprint fingerprint, Checkpoint? checkpoint)
    {
        var id = IdOf(source.Spec, handle, stat, checkpoint, source.VoidId);
        var start = checkpoint is null && source.VoidId is null ? StartFinder.Find(source, handle, stat, rotated, known, time.GetUtcNow()) : 0;
        var file = new TailedFile(source.Spec, new LogBytes(handle, compressed: false), stat, fingerprint, checkpoint, id, source.Account.ForFile(), start)
        {
            Home = home,
            Rotated = rotated,
            Durable = checkpoint is { FingerprintLength: > 0 },
            RealPath = rotated ? checkpoint?.RealPath : RealPathOf(handle, source.Spec.Path),
        };
        Insert(source, file);
    }

    private void Insert(FollowedSource source, TailedFile file)
    {
        var successor = file.Rotated ? source.Successor ?? source.Current : null;
        source.Files.Insert(successor is null ? source.Files.Count : source.Files.IndexOf(successor), file);
        source.Problem = null;
        _open.Add(file);
        metrics.FileOpened();
        LogOpened(logger, source.Spec.DisplayName, source.Spec.Path, file.Position, file.Size);
    }

    /// <summary>Where the file lies when a link leads there; null when the path itself says so.</summary>
    private static string? RealPathOf(SafeFileHandle handle, string path)
    {
        var real = new FileInfo($"/proc/self/fd/{handle.DangerousGetHandle()}").LinkTarget;
        return real is null || real == path || !Path.IsPathRooted(path) ? null : real;
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

    [LoggerMessage(Level = LogLevel.Debug, Message = "Following {Source} at {Path} from byte {Offset} of {Size}.")]
    private static partial void LogOpened(ILogger logger, string source, string path, long offset, long size);

    [LoggerMessage(Level = LogLevel.Information, Message = "What was read of {Path} up to byte {Offset} goes on in {Copy}.")]
    private static partial void LogMoved(ILogger logger, string path, long offset, string copy);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source}: {Path} is not read: {Problem}.")]
    private static partial void LogProblem(ILogger logger, string source, string path, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Max} files are open, the limit; further files wait. Raise openFilesMax, or exclude files.")]
    private static partial void LogFull(ILogger logger, int max);
}

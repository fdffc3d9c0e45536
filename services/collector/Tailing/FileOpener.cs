using Microsoft.Extensions.Logging;

namespace Tributary.Collector.Tailing;

/// <summary>
/// Looks at a source's path: opens what is there, sees rotation, rewriting and removal. A path that cannot be read is
/// reported once, and looked at again; other sources go on. Touched by the tail loop alone.
/// </summary>
internal sealed partial class FileOpener(FileAdmission open, RotatedFiles rotated, CollectorMetrics metrics, ILogger<FileOpener> logger)
{
    /// <summary>Looks at the path, and opens what is new.</summary>
    public void Look(FollowedSource source)
    {
        source.Examining = false;
        source.HeldBack.Clear();
        try
        {
            LookAt(source);
            source.Begun = true;
        }
        catch (UnauthorizedAccessException e)
        {
            open.Report(source, "permission", e.Message);
            GiveUpUnlessGrowing(source, "permission");
        }
        catch (ArgumentException e)
        {
            open.Report(source, "path", e.Message);
            GiveUpUnlessGrowing(source, "path");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Renamed between looking and opening: the next look sees what is there then.
        }
        catch (IOException e)
        {
            open.Report(source, "io", e.Message);
            if (++source.Failures >= TailLoop.FailuresMax)
            {
                GiveUpUnlessGrowing(source, "io");
            }
        }
    }

    /// <summary>Looks again for what the path was rotated to, as it may have been compressed since.</summary>
    public void LookForCompressed(FollowedSource source)
    {
        if (!source.Finished)
        {
            rotated.Look(source, default);
        }
    }

    /// <summary>
    /// The file has other content than what was read of it. Nothing more comes of it under its id, unless a copy is found;
    /// the next look reads what the path leads to from its start under another.
    /// </summary>
    public void Rewritten(FollowedSource source, TailedFile file)
    {
        if (!file.Superseded)
        {
            metrics.FileTruncated();
            LogTruncated(logger, source.Spec.Path, file.Position);
            open.Supersede(file);
            source.VoidId = file.SourceId;
        }
    }

    private void LookAt(FollowedSource source)
    {
        var path = source.Spec.Path;
        foreach (var file in source.Files)
        {
            // Before any other file is taken for new: it may be a copy of this one.
            try
            {
                if (file.IsRewritten())
                {
                    Rewritten(source, file);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Reading it will say so; the path's new file is not to wait for it.
            }
        }

        var current = source.Current;
        if (FileStat.OfPath(path) is not { } stat)
        {
            Missing(source, current);
            return;
        }

        if (stat.Kind != FileKind.Regular)
        {
            open.Report(source, "kind", stat.Kind == FileKind.Directory ? "it is a directory, not a file" : "it is not a regular file");
            GiveUpUnlessGrowing(source, "not_a_file");
            return;
        }

        if (current is not null && current.Key == stat.Key)
        {
            // A copy of what was truncated may be compressed at once, and come to light only then.
            if (source.RotatedAfter is not null || source.Files.Exists(f => f.Superseded))
            {
                rotated.Look(source, source.RotatedAfter ?? default);
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
            source.Seen |= open.Open(source, path, rotated: false);
        }
        finally
        {
            rotated.Look(source, last);
        }
    }

    private void Missing(FollowedSource source, TailedFile? current)
    {
        if (current is not null)
        {
            current.Rotated = true;
        }

        // It may have been rotated away before it was ever looked at, and nothing may follow it.
        rotated.Look(source, source.Files.Count > 0 ? source.Files[^1].Key : default);
        if (source.Files.Count > 0)
        {
            source.Seen = true;
            return;
        }

        if (source.Examining)
        {
            return;
        }

        if (!source.Spec.Growing)
        {
            if (!source.Seen && !source.Finished)
            {
                metrics.Dropped("vanished", 1);
                open.Report(source, "vanished", "it does not exist");
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
            open.Report(source, "missing", "it does not exist yet; it is followed from its start when it appears");
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

    [LoggerMessage(Level = LogLevel.Information, Message = "{Path} does not hold any more what was read up to byte {Offset}: it was truncated or written anew. What it holds now is read from its start.")]
    private static partial void LogTruncated(ILogger logger, string path, long offset);
}

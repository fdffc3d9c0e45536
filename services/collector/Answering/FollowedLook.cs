using System.Globalization;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Tailing;
using Tributary.Contracts;

namespace Tributary.Collector.Answering;

/// <summary>Finds what is followed at or under a path, and what was read there and is not forgotten. Runs on the tail loop.</summary>
internal sealed class FollowedLook(KnownFiles known)
{
    /// <summary>The request's page of the files, in the order of their identities.</summary>
    public FollowedFiles Answer(FollowedFilesRequested request, IReadOnlyList<FollowedSource> sources, DateTimeOffset now, bool settled)
    {
        var max = Math.Clamp(request.Max, 1, FollowedFilesRequested.FilesMax);
        var found = Open(request.Path, sources).Concat(Closed(request.Path))
            .Where(f => request.Continuation is null || string.CompareOrdinal(f.Order, request.Continuation) > 0)
            .OrderBy(f => f.Order, StringComparer.Ordinal)
            .Take(max + 1)
            .ToArray();
        var page = found.Take(max).ToArray();
        var truncated = found.Length > max;
        return new FollowedFiles
        {
            Node = request.Node,
            Path = request.Path,
            Time = now,
            Settled = settled,
            Files = [.. page.Select(f => f.File)],
            Truncated = truncated,
            Continuation = truncated ? page[^1].Order : null,
        };
    }

    private static IEnumerable<(string Order, FollowedFile File)> Open(string path, IReadOnlyList<FollowedSource> sources)
    {
        foreach (var source in sources)
        {
            foreach (var file in source.Files)
            {
                // A link may lead into the folder, and a rotated file has another name by now.
                var name = file.CurrentPath();
                if (IsUnder(path, source.Spec.Path) || IsUnder(path, name ?? file.FirstPath))
                {
                    yield return (Order(file.Key, source.Spec.Declaration, source.Spec.Target, file.SourceId), OfOpen(source.Spec, file, name));
                }
            }
        }
    }

    private IEnumerable<(string Order, FollowedFile File)> Closed(string path) => known.All.Where(c => c.Cursor is null && IsUnder(path, c.Path)).Select(c => (
        Order(c.Key.File, c.Declaration, c.Target, c.SourceId),
        new FollowedFile
        {
            SourceId = c.SourceId,
            Path = c.Path,
            Device = c.Device,
            Inode = c.Inode,
            ReadOffset = c.Offset,
            ConfirmedOffset = c.Offset,
            Open = false,
            Drained = c.Drained != default,
            Target = c.Target,
        }));

    private static FollowedFile OfOpen(SourceSpec spec, TailedFile file, string? name) => new()
    {
        SourceId = file.SourceId,
        Path = name ?? file.FirstPath,
        Device = file.Key.Device,
        Inode = file.Key.Inode,
        Size = file.Size,
        ReadOffset = file.Position,
        ConfirmedOffset = file.ConfirmedOffset,
        Open = true,
        Drained = file.Drained != default,
        Source = spec.DisplayName,
        Target = spec.Target,
        Config = spec.Config,
        ConfigVersion = spec.ConfigVersion,
    };

    private static bool IsUnder(string folder, string path)
    {
        var root = folder.TrimEnd('/');
        return path.StartsWith(root, StringComparison.Ordinal) && (path.Length == root.Length || path[root.Length] == '/');
    }

    private static string Order(FileKey key, string declaration, string target, string sourceId) =>
        string.Create(CultureInfo.InvariantCulture, $"{key.Device:x16}{key.Inode:x16}/{declaration}/{target}/{sourceId}");
}

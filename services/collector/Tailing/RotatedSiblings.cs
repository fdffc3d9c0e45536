using System.Globalization;

namespace Tributary.Collector.Tailing;

/// <summary>
/// The files that a path was rotated to: <c>NAME.1</c>, <c>NAME.2</c> (json-file, logrotate), <c>NAME.20261121-…</c>
/// (kubelet) or <c>NAME-20261121</c> (logrotate's dateext), each also with <c>.gz</c>, and under any other name those that
/// were read before. Oldest first.
/// </summary>
internal static class RotatedSiblings
{
    private const string Gzip = ".gz";
    private const int RenamedFreely = int.MaxValue;

    /// <exception cref="IOException">The folder cannot be listed.</exception>
    public static IReadOnlyList<RotatedSibling> Find(string path, IReadOnlySet<FileKey> readBefore)
    {
        // The runtime may hand out a symlink; the rotated files lie beside what it points to.
        var real = LinkTarget(path) ?? path;
        var folder = Path.GetDirectoryName(real);
        if (folder is null || !Directory.Exists(folder))
        {
            return [];
        }

        var name = Path.GetFileName(real);
        var inodes = readBefore.Select(k => k.Inode).ToHashSet();
        var found = new List<(RotatedSibling File, int Number, string Suffix)>();
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            var suffix = SuffixOf(Path.GetFileName(file), name);
            if (file != real && (suffix is not null || inodes.Count > 0)
                && StatOf(file) is { Kind: FileKind.Regular } stat
                && (suffix is not null || inodes.Contains(stat.Key.Inode)))
            {
                var compressed = suffix is not null && suffix.EndsWith(Gzip, StringComparison.Ordinal);
                suffix = compressed ? suffix![..^Gzip.Length] : suffix;
                found.Add((new RotatedSibling(file, stat, suffix is not null, compressed), suffix is null ? RenamedFreely : Number(suffix), suffix ?? file));
            }
        }

        return [.. found.OrderByDescending(f => f.Number).ThenBy(f => f.Suffix, StringComparer.Ordinal).Select(f => f.File)];
    }

    /// <summary>Null for what cannot be looked at, such as a link in a circle: it hides no other.</summary>
    private static FileStat? StatOf(string path)
    {
        try
        {
            return FileStat.OfPath(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? LinkTarget(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>What a rotation added to the name; null when it is another file's name.</summary>
    private static string? SuffixOf(string file, string name) =>
        file.Length > name.Length + 1
        && file.StartsWith(name, StringComparison.Ordinal)
        && file[name.Length] is '.' or '-'
        && char.IsAsciiDigit(file[name.Length + 1])
        && !file.EndsWith(".tmp", StringComparison.Ordinal)
            ? file[(name.Length + 1)..]
            : null;

    /// <summary>A small number counts rotations, the greater the older; anything else is a time stamp and sorts by name.</summary>
    private static int Number(string suffix) =>
        suffix.Length <= 3 && int.TryParse(suffix, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

/// <summary>A file that a path was rotated to.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Stat">Which it is.</param>
/// <param name="ByName">Whether its name says so; else it was read before.</param>
/// <param name="Compressed">Whether its name says that it is a gzip file.</param>
internal readonly record struct RotatedSibling(string Path, FileStat Stat, bool ByName, bool Compressed);

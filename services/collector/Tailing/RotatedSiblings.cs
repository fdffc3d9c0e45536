using System.Globalization;

namespace Tributary.Collector.Tailing;

/// <summary>
/// The files that a path was rotated to: <c>NAME.1</c>, <c>NAME.2</c> (json-file, logrotate) or <c>NAME.20261121-…</c>
/// (kubelet), and under any other name those that were read before. Oldest first. Compressed ones are left out, as
/// their offsets are of another kind.
/// </summary>
internal static class RotatedSiblings
{
    private const int RenamedFreely = int.MaxValue;

    /// <exception cref="IOException">The folder cannot be listed.</exception>
    public static IReadOnlyList<(string Path, FileStat Stat, bool ByName)> Find(string path, IReadOnlySet<FileKey> readBefore)
    {
        // The runtime may hand out a symlink; the rotated files lie beside what it points to.
        var real = LinkTarget(path) ?? path;
        var folder = Path.GetDirectoryName(real);
        if (folder is null || !Directory.Exists(folder))
        {
            return [];
        }

        var prefix = Path.GetFileName(real) + ".";
        var found = new List<(string Path, FileStat Stat, int Number)>();
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            var name = Path.GetFileName(file);
            var rotated = IsRotated(name, prefix);
            if (file != real && (rotated || readBefore.Count > 0)
                && FileStat.OfPath(file) is { Kind: FileKind.Regular } stat
                && (rotated || readBefore.Contains(stat.Key)))
            {
                found.Add((file, stat, rotated ? Number(name[prefix.Length..]) : RenamedFreely));
            }
        }

        return [.. found.OrderByDescending(f => f.Number).ThenBy(f => f.Path, StringComparer.Ordinal).Select(f => (f.Path, f.Stat, f.Number != RenamedFreely))];
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

    private static bool IsRotated(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal)
        && name.Length > prefix.Length
        && char.IsAsciiDigit(name[prefix.Length])
        && !name.EndsWith(".gz", StringComparison.Ordinal)
        && !name.EndsWith(".tmp", StringComparison.Ordinal);

    /// <summary>A small number counts rotations, the greater the older; anything else is a time stamp and sorts by name.</summary>
    private static int Number(string suffix) =>
        suffix.Length <= 3 && int.TryParse(suffix, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

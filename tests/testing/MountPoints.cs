namespace Tributary.Testing;

/// <summary>Mounts of this mount namespace, read from /proc/self/mountinfo.</summary>
internal static class MountPoints
{
    /// <summary>Every mount point below a folder, the deepest and newest first: an order in which they can be unmounted.</summary>
    internal static IReadOnlyList<string> Below(string folder)
    {
        var prefix = folder.TrimEnd('/') + "/";
        var found = new List<string>();
        foreach (var line in File.ReadLines("/proc/self/mountinfo"))
        {
            var fields = line.Split(' ');
            var path = fields[4].Replace("\\040", " ", StringComparison.Ordinal);
            if (path.StartsWith(prefix, StringComparison.Ordinal))
            {
                found.Add(path);
            }
        }

        found.Reverse();
        return [.. found.OrderByDescending(path => path.Count(c => c == '/'))];
    }
}

using System.Globalization;

namespace Tributary.Discovery.Pods;

/// <summary>The kubelet's name of a pod's log folder: <c>namespace_pod_uid</c>. Neither part can hold an underscore.</summary>
internal readonly record struct PodFolder(string Namespace, string Pod, string Uid)
{
    /// <summary>Kubernetes allows 253 characters for a pod's name and 63 for a namespace.</summary>
    private const int NameLengthMax = 63 + 253 + 64 + 2;

    public static bool TryParse(string folder, out PodFolder pod)
    {
        pod = default;
        var parts = folder.Split('_');
        if (folder.Length > NameLengthMax || parts.Length != 3 || !parts.All(IsName))
        {
            return false;
        }

        pod = new PodFolder(parts[0], parts[1], parts[2]);
        return true;
    }

    /// <summary>A DNS name, which all names in the tree are.</summary>
    public static bool IsName(string name) =>
        name.Length > 0
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.');

    /// <summary>The restart number of <c>n.log</c>; rotated siblings (<c>n.log.20261121-101500</c>, <c>….gz</c>) are none.</summary>
    public static bool TryParseLog(string file, out int restart)
    {
        restart = 0;
        return file.EndsWith(".log", StringComparison.Ordinal)
            && int.TryParse(file.AsSpan(0, file.Length - 4), NumberStyles.None, CultureInfo.InvariantCulture, out restart)
            && file.Length - 4 == restart.ToString(CultureInfo.InvariantCulture).Length;
    }
}

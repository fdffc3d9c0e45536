using Tributary.Contracts;
using Tributary.Discovery.Containers;

namespace Tributary.Discovery.Pods;

/// <summary>
/// One look at the kubelet's tree <c>ROOT/namespace_pod_uid/container/n.log</c>. A pod or container folder that cannot
/// be read keeps what the last look knew below it; a root that cannot be read throws. Folders that vanish in between are gone.
/// </summary>
internal sealed class PodLogTree(string root, string node)
{
    private ILookup<string, ContainerFacts> _last = Enumerable.Empty<ContainerFacts>().ToLookup(_ => "");

    /// <summary>Names in the last look that are no pod's, no container's, or could not be read, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Skipped { get; private set; } = new Dictionary<string, string>();

    /// <exception cref="IOException">The root is not there or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The root may not be read.</exception>
    public IReadOnlyCollection<ContainerFacts> Look()
    {
        var found = new List<(string Folder, ContainerFacts Facts)>();
        var skipped = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.GetDirectories(root))
        {
            var folder = Path.GetFileName(path);
            if (!PodFolder.TryParse(folder, out var pod))
            {
                skipped[folder] = "its name is not namespace_pod_uid";
                continue;
            }

            LookAtPod(path, pod, found, skipped);
        }

        _last = found.ToLookup(f => f.Folder, f => f.Facts, StringComparer.Ordinal);
        Skipped = skipped;
        return [.. found.Select(f => f.Facts)];
    }

    private void LookAtPod(
        string path, PodFolder pod, List<(string Folder, ContainerFacts Facts)> found, Dictionary<string, string> skipped)
    {
        var folder = Path.GetFileName(path);
        var before = found.Count;
        try
        {
            foreach (var container in Directory.GetDirectories(path))
            {
                var name = Path.GetFileName(container);
                if (!PodFolder.IsName(name))
                {
                    skipped[folder + "/" + name] = "its name is no container's";
                    continue;
                }

                found.AddRange(LogsOf(container, pod, name).Select(facts => (folder, facts)));
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Deleted while we looked: what was found of it is seen off by the next look.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            skipped[folder] = e.Message;
            found.RemoveRange(before, found.Count - before);
            found.AddRange(_last[folder].Select(facts => (folder, facts)));
        }
    }

    private IEnumerable<ContainerFacts> LogsOf(string folder, PodFolder pod, string container)
    {
        var logs = new List<(int Restart, string Path)>();
        foreach (var file in Directory.GetFiles(folder, "*.log"))
        {
            if (PodFolder.TryParseLog(Path.GetFileName(file), out var restart))
            {
                logs.Add((restart, file));
            }
        }

        var newest = logs.Count == 0 ? 0 : logs.Max(l => l.Restart);
        return logs.OrderBy(l => l.Restart).Select(l => FactsOf(pod, container, l.Restart, l.Path, l.Restart == newest));
    }

    private ContainerFacts FactsOf(PodFolder pod, string container, int restart, string path, bool newest) => new()
    {
        Id = $"{pod.Uid}/{container}/{restart}",
        Name = $"{pod.Pod}/{container}",
        OwnName = container,
        Runtime = "kubernetes",
        Namespace = pod.Namespace,
        Tenant = pod.Namespace,
        State = newest ? ContainerState.Running : ContainerState.Stopped,
        RestartCount = restart,
        LogPath = path,

        // On Docker the kubelet's file is a link to the engine's json; the file itself says which it is.
        LogFormat = File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint) ? LogFormat.Auto : LogFormat.Cri,
        Attributes = new Dictionary<string, string>
        {
            [AttributeNames.HostName] = node,
            [AttributeNames.KubernetesNamespace] = pod.Namespace,
            [AttributeNames.KubernetesPod] = pod.Pod,
            [AttributeNames.KubernetesPodUid] = pod.Uid,
            [AttributeNames.KubernetesContainer] = container,
            [AttributeNames.KubernetesRestartCount] = $"{restart}",
        },
    };
}

using System.Globalization;

namespace Tributary.Discovery.Docker;

/// <summary>The labels that a kubelet gives the containers it makes on Docker. Null where a container has them not.</summary>
internal sealed record KubeletLabels(string Namespace, string Pod, string Uid, string Container, int RestartCount)
{
    private const string Prefix = "io.kubernetes.";

    /// <summary>The pod's pause container: it has no output, and the pod log tree does not show it.</summary>
    public static bool IsSandbox(IReadOnlyDictionary<string, string> labels) =>
        labels.TryGetValue(Prefix + "docker.type", out var type) && type == "podsandbox";

    public static KubeletLabels? Find(IReadOnlyDictionary<string, string> labels)
    {
        if (!labels.TryGetValue(Prefix + "pod.namespace", out var ns)
            || !labels.TryGetValue(Prefix + "pod.name", out var pod)
            || !labels.TryGetValue(Prefix + "pod.uid", out var uid)
            || !labels.TryGetValue(Prefix + "container.name", out var container))
        {
            return null;
        }

        var restarts = labels.TryGetValue("annotation." + Prefix + "container.restartCount", out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
        return new KubeletLabels(ns, pod, uid, container, restarts);
    }
}

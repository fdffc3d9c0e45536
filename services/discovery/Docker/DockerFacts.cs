using Tributary.Contracts;
using Tributary.Discovery.Containers;
using Tributary.Docker;

namespace Tributary.Discovery.Docker;

/// <summary>Turns what the engine says of a container into what discovery works with.</summary>
internal static class DockerFacts
{
    private const string ComposeProject = "com.docker.compose.project";

    public static ContainerFacts From(ContainerInspectResponse container, string node)
    {
        var name = container.Name.TrimStart('/');
        var labels = container.Config.Labels;
        var kubelet = KubeletLabels.Find(labels);
        var state = container.State.Status is "exited" or "dead" or "removing" ? ContainerState.Stopped : ContainerState.Running;
        var problem = LogProblem(container, name);
        return new ContainerFacts
        {
            Id = kubelet is null ? container.ID : $"{kubelet.Uid}/{kubelet.Container}/{kubelet.RestartCount}",
            Name = name,
            OwnName = kubelet?.Container ?? name,
            Runtime = "docker",
            Namespace = kubelet?.Namespace ?? "",
            Tenant = kubelet?.Namespace ?? labels.GetValueOrDefault(ComposeProject, ""),
            State = state,
            RestartCount = kubelet?.RestartCount ?? container.RestartCount,
            StartedAt = container.State.StartedAt,
            FinishedAt = state == ContainerState.Stopped ? container.State.FinishedAt : null,
            Attributes = Attributes(container, name, kubelet, node),
            HasLog = container.State.StartedAt is not null || container.LogPath.Length > 0,
            LogPath = problem is null ? container.LogPath : "",
            LogFormat = LogFormat.Docker,
            LogProblem = problem,
            Labels = labels,
            Env = container.Config.Env,
        };
    }

    private static string? LogProblem(ContainerInspectResponse container, string name)
    {
        var driver = container.HostConfig.LogConfig.Type;
        if (driver is not ("json-file" or ""))
        {
            return $"Container {name} logs through Docker's driver '{driver}', whose output cannot be read from a file here: "
                + "start it with --log-driver json-file, or make json-file the default in the daemon's configuration.";
        }

        return container.LogPath.Length == 0
            ? $"Docker names no log file for container {name}: start it again with --log-driver json-file."
            : null;
    }

    private static Dictionary<string, string> Attributes(
        ContainerInspectResponse container, string name, KubeletLabels? kubelet, string node)
    {
        var image = ImageReference.Parse(container.Config.Image);
        var attributes = new Dictionary<string, string>
        {
            [AttributeNames.HostName] = node,
            [AttributeNames.ContainerId] = container.ID,
            [AttributeNames.ContainerName] = name,
            [AttributeNames.ContainerRuntime] = "docker",
        };
        if (image.Name.Length > 0)
        {
            attributes[AttributeNames.ContainerImageName] = image.Name;
        }

        if (image.Tag.Length > 0)
        {
            attributes[AttributeNames.ContainerImageTags] = image.Tag;
        }

        if (kubelet is not null)
        {
            attributes[AttributeNames.KubernetesNamespace] = kubelet.Namespace;
            attributes[AttributeNames.KubernetesPod] = kubelet.Pod;
            attributes[AttributeNames.KubernetesPodUid] = kubelet.Uid;
            attributes[AttributeNames.KubernetesContainer] = kubelet.Container;
            attributes[AttributeNames.KubernetesRestartCount] = $"{kubelet.RestartCount}";
        }

        return attributes;
    }
}

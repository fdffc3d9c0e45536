namespace Tributary.Discovery.Containers;

/// <summary>OpenTelemetry resource attributes that a container carries.</summary>
internal static class AttributeNames
{
    public const string HostName = "host.name";
    public const string ContainerId = "container.id";
    public const string ContainerName = "container.name";
    public const string ContainerImageName = "container.image.name";
    public const string ContainerImageTags = "container.image.tags";
    public const string ContainerRuntime = "container.runtime";
    public const string KubernetesNamespace = "k8s.namespace.name";
    public const string KubernetesPod = "k8s.pod.name";
    public const string KubernetesPodUid = "k8s.pod.uid";
    public const string KubernetesContainer = "k8s.container.name";
    public const string KubernetesRestartCount = "k8s.container.restart_count";
}

namespace Tributary.Config;

/// <summary>Whether a source of containers is used.</summary>
public enum SourceUse
{
    /// <summary>Where it is found.</summary>
    Auto,

    /// <summary>Always: it not being there is reported and tried again.</summary>
    On,

    /// <summary>Never.</summary>
    Off,
}

/// <summary>Containers of a Docker Engine.</summary>
public sealed record DockerSettings
{
    /// <summary><c>unix:///path</c> or <c>tcp://host:port</c>.</summary>
    public string Socket { get; init; } = "unix:///var/run/docker.sock";

    public SourceUse Enabled { get; init; } = SourceUse.Auto;

    internal static DockerSettings Read(MappingReader docker)
    {
        var defaults = new DockerSettings();
        return new()
        {
            Socket = docker.Text("socket", defaults.Socket, Addresses.DockerSocket, "Where the engine answers."),
            Enabled = Use(docker, defaults.Enabled, "`auto`: where the socket answers. `on`: always, and pods are then looked at only where they are `on` too."),
        };
    }

    internal static SourceUse Use(MappingReader reader, SourceUse fallback, string meaning) =>
        reader.Choice("enabled", fallback, meaning, ("auto", SourceUse.Auto), ("on", SourceUse.On), ("off", SourceUse.Off));
}

/// <summary>Containers of pods, by the node's folder of pod logs.</summary>
public sealed record PodsSettings
{
    /// <summary>The kubelet's folder of pod logs.</summary>
    public string Root { get; init; } = "/var/log/pods";

    public SourceUse Enabled { get; init; } = SourceUse.Auto;

    internal static PodsSettings Read(MappingReader pods)
    {
        var defaults = new PodsSettings();
        return new()
        {
            Root = pods.Text("root", defaults.Root, Addresses.Folder, "The kubelet's folder of pod logs."),
            Enabled = DockerSettings.Use(pods, defaults.Enabled, "`auto`: where the folder exists and Docker is neither `on` nor found."),
        };
    }
}

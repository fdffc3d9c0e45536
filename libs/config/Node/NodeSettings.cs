namespace Tributary.Config;

/// <summary>The process's own settings: the <c>spec</c> of the document of kind Node.</summary>
public sealed record NodeSettings
{
    /// <summary>The node's name, lower case; at most 200 characters, because queue names are made of it.</summary>
    public string Name { get; init; } = NodeName.OfHost(Environment.MachineName);

    /// <summary><c>embedded</c>, or an amqp or amqps URI that may hold a password: never print it.</summary>
    public string Bus { get; init; } = "embedded";

    /// <summary>Folder for what must survive a restart.</summary>
    public string State { get; init; } = "./var/state";

    /// <summary>Roots of disks that hold the checkpoints of their files themselves.</summary>
    public IReadOnlyList<string> Stores { get; init; } = [];

    /// <summary><c>host:port</c> of health and metrics; empty when it is off.</summary>
    public string Listen { get; init; } = "127.0.0.1:8080";

    public CollectScope Collect { get; init; } = CollectScope.All;

    /// <summary>Changes when the effective settings do, as <see cref="LogConfig.Version"/>; empty without a document.</summary>
    public string Version { get; init; } = "";

    public DockerSettings Docker { get; init; } = new();

    public PodsSettings Pods { get; init; } = new();

    public FilesSettings Files { get; init; } = new();

    /// <summary>Prefixes of the labels and env names by which a container's owner declares logs.</summary>
    public IReadOnlyList<string> DeclarationPrefixes { get; init; } = ["tributary", "aliyun"];

    public BatchSettings Batch { get; init; } = new();

    public WindowSettings Window { get; init; } = new();

    public SpoolSettings Spool { get; init; } = new();

    /// <summary>Bytes of one record's text, 1 KiB to 16 MiB; a longer one is split into parts.</summary>
    public int LineBytesMax { get; init; } = 1 << 20;

    /// <summary>How often checkpoints are written, 10 ms to 1 min.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Targets that containers of one namespace may declare, 1 to 10,000.</summary>
    public int TargetsPerNamespaceMax { get; init; } = 100;

    /// <summary>What the containers of one namespace together may send; null for any amount.</summary>
    public RateLimit? NamespaceRateLimit { get; init; }

    /// <summary>How long a stop may take to drain, 100 ms to 10 min.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>The name alone: the bus may hold a password.</summary>
    public override string ToString() => $"Node {Name}";

    internal static readonly Kind Kind = new(
        "Node",
        "This process's own settings. One document at most; without one everything has its default.",
        Read);

    private static void Read(MappingReader document, ConfigurationDraft draft)
    {
        Metadata.ReadUnnamed(document, "a Node is named by spec.name");
        var settings = document.Object("spec", ReadSpec, "The settings.");
        if (draft.Declare(document, Kind.Name, "", ""))
            draft.Node = settings with { Version = document.Scope.HashBelow("spec") };
    }

    private static NodeSettings ReadSpec(MappingReader spec)
    {
        var defaults = new NodeSettings();
        var settings = new NodeSettings
        {
            Name = spec.Text("name", defaults.Name, NodeName.Rule, "The node's name on the bus, in records and metrics.", "the host's name"),
            Bus = spec.Text("bus", defaults.Bus, Addresses.Bus, "Where control messages and batches go: in this process's memory, or RabbitMQ. Keep a password out of the file with `${NAME}`."),
            State = spec.Text("state", defaults.State, Addresses.Folder, "Folder for what must survive a restart (checkpoints, source ids); made when it is missing."),
            Stores = spec.TextList("stores", defaults.Stores, Addresses.Folder, "Roots of data disks that may move to another node: the checkpoints of files below are kept in `.tributary/` on the disk itself, under a lease, so that one node reads it at a time."),
            Listen = ListenRead(spec),
            Collect = spec.Choice("collect", defaults.Collect, "`all`: every container's stdout goes to target `default`, save what its owner labels out. `declared`: only what labels or a LogConfig ask for.", ("all", CollectScope.All), ("declared", CollectScope.Declared)),
            Docker = spec.Object("docker", DockerSettings.Read, "Containers of a Docker Engine."),
            Pods = spec.Object("pods", PodsSettings.Read, "Containers of pods, by the node's folder of pod logs."),
            Files = spec.Object("files", FilesSettings.Read, "Log files of the host."),
            DeclarationPrefixes = spec.Object("declarations", DeclarationPrefixesRead, "How a container's owner declares logs on the container."),
            Batch = spec.Object("batch", BatchSettings.Read, "One message on the bus: many records of one target."),
            Window = spec.Object("window", WindowSettings.Read, "What is published and not yet confirmed. A full window stops reading; the files are the buffer."),
            Spool = spec.Object("spool", SpoolSettings.Read, "A spool on disk for when the logs rotate faster than the broker takes them. Without one a full window stops reading."),
            LineBytesMax = spec.Object("line", LineRead, "One record."),
            CheckpointInterval = spec.Duration("checkpointInterval", defaults.CheckpointInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), "How often confirmed positions are written to the state folder."),
            TargetsPerNamespaceMax = spec.Number("targetsPerNamespaceMax", defaults.TargetsPerNamespaceMax, 1, 10_000, "Different targets that the containers of one namespace may declare."),
            NamespaceRateLimit = spec.OptionalObject("namespaceRateLimit", RateLimit.Read, "What all containers of one namespace together may send; without it any amount."),
            ShutdownTimeout = spec.Duration("shutdownTimeout", defaults.ShutdownTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10), "How long a stop may take to drain what is in flight."),
        };
        if (settings.Window.BytesMax < 2L * settings.Batch.BytesMax)
            spec.Fail("window", $"maxBytes {ByteSize.Format(settings.Window.BytesMax)} is less than twice batch.maxBytes {ByteSize.Format(settings.Batch.BytesMax)}; expected {ByteSize.Format(2L * settings.Batch.BytesMax)} at least");
        if (settings.Spool.BytesMax < 4L * settings.Batch.BytesMax)
            spec.Fail("spool", $"maxBytes {ByteSize.Format(settings.Spool.BytesMax)} is less than four times batch.maxBytes {ByteSize.Format(settings.Batch.BytesMax)}; expected {ByteSize.Format(4L * settings.Batch.BytesMax)} at least");
        return settings;

        string ListenRead(MappingReader listen) =>
            listen.Text("listen", defaults.Listen, Addresses.Listen, "Address of `/healthz/live`, `/healthz/ready` and `/metrics`; port 0 takes a free one.") is var address && address == "off" ? "" : address;

        IReadOnlyList<string> DeclarationPrefixesRead(MappingReader declarations) =>
            declarations.TextList("prefixes", defaults.DeclarationPrefixes, Names.DeclarationPrefix, "Labels and env names that begin with one of these are declarations; nothing else of a container's env is looked at.");

        int LineRead(MappingReader line) =>
            (int)line.Bytes("maxBytes", defaults.LineBytesMax, 1 << 10, 16 << 20, "Bytes of one record's text; a longer line is split into numbered parts.");
    }
}

/// <summary>Which containers are collected without a word from their owner.</summary>
public enum CollectScope
{
    /// <summary>All, save those labelled out.</summary>
    All,

    /// <summary>None: only what labels or a LogConfig ask for.</summary>
    Declared,
}

namespace Tributary.Config;

/// <summary>What to collect from which containers: a document of kind LogConfig.</summary>
public sealed record LogConfig
{
    public required string Namespace { get; init; }

    /// <summary>Unique within the namespace.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// 12 hex digits that change when the effective spec does: not with the order of keys, comments or another way to
    /// write the same value.
    /// </summary>
    public required string Version { get; init; }

    public ContainerSelector Selector { get; init; } = new();

    /// <summary>At least one, no two of a kind.</summary>
    public required IReadOnlyList<LogConfigSource> Sources { get; init; }

    /// <summary>Which lines make one record; null where each line is one.</summary>
    public MultilineRule? Multiline { get; init; }

    /// <summary>How each record's text is taken apart.</summary>
    public ParseRule Parse { get; init; } = new();

    /// <summary>Where the records go; the config's name where nothing else is said.</summary>
    public required string Target { get; init; }

    /// <summary>Names of outputs that exist; at least one.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = DefaultOutputs;

    /// <summary>What is done to each record, in this order; names are unique.</summary>
    public IReadOnlyList<ShapeRule> Shape { get; init; } = [];

    /// <summary>What one source may send; null for any amount.</summary>
    public RateLimit? RateLimit { get; init; }

    internal static readonly Kind Kind = new(
        "LogConfig",
        "What to collect from which containers, and where it goes.",
        Read);

    private static readonly string[] DefaultOutputs = [LogOutput.DefaultName];

    private static void Read(MappingReader document, ConfigurationDraft draft)
    {
        var metadata = Metadata.ReadNamespaced(document, Names.Subdomain, "The config's name, unique in its namespace.");
        var config = document.Object("spec", spec => ReadSpec(spec, metadata), "What is collected.");
        if (draft.Declare(document, Kind.Name, metadata.Namespace, metadata.Name))
            draft.LogConfigs.Add(config with { Version = document.Scope.HashBelow("spec") });
    }

    private static LogConfig ReadSpec(MappingReader spec, Metadata metadata)
    {
        var config = new LogConfig
        {
            Namespace = metadata.Namespace,
            Name = metadata.Name,
            Version = "",
            Selector = spec.Object("selector", ContainerSelector.Read, "The containers it is for: those that meet everything written here; all containers where nothing is."),
            Sources = spec.ObjectList("sources", LogConfigSource.Read, "What is collected from each of them; no kind of source twice."),
            Multiline = spec.OptionalObject("multiline", MultilineRule.Read, "Which lines make one record; without it each line is one."),
            Parse = spec.Object("parse", ParseRule.Read, "How each record's text is taken apart into fields."),
            Shape = ShapeRule.ReadAll(spec),
            RateLimit = spec.OptionalObject("rateLimit", RateLimit.Read, "What each source of it may send; without it any amount."),
            Target = spec.Text("target", metadata.Name, Names.Target, "Where the records go: routing key on the bus, folder of a file output.", "metadata.name"),
            Outputs = spec.References("outputs", LogOutput.Kind.Name, DefaultOutputs, Names.Label, "The outputs that deliver the target; each must exist."),
        };
        if (!spec.Has("target") && metadata.Name.Length > Names.TargetLengthMax)
            spec.Fail("target", $"is missing, and metadata.name is too long to stand for it; expected {Names.Target.Expected}");
        foreach (var (name, count) in new[]
        {
            ("stdout", config.Sources.Count(source => source.Stdout is not null)),
            ("hostFiles", config.Sources.Count(source => source.HostFiles is not null)),
            ("journal", config.Sources.Count(source => source.Journal is not null)),
            ("kernel", config.Sources.Count(source => source.Kernel is not null)),
        })
        {
            if (count > 1)
                spec.Fail("sources", $"has more than one {name}; expected no kind of source twice");
        }
        return config;
    }
}

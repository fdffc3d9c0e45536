namespace Tributary.Config;

/// <summary>Samples of a log and what a LogConfig's rules make of them: a document of kind LogConfigTest, for <c>tributary test</c>.</summary>
public sealed record LogConfigTest
{
    /// <summary>The namespace of the test and of its config.</summary>
    public required string Namespace { get; init; }

    /// <summary>Unique within the namespace.</summary>
    public required string Name { get; init; }

    /// <summary>The config's name; empty for the only one there is.</summary>
    public string Config { get; init; } = "";

    /// <summary>At least one.</summary>
    public required IReadOnlyList<LogSample> Samples { get; init; }

    internal static readonly Kind Kind = new(
        "LogConfigTest",
        "Samples of a log, and what a LogConfig's rules make of them. Run by `tributary test`; everything else passes over it.",
        Read);

    /// <summary>The config that is tested; null when it is not among these.</summary>
    public LogConfig? ConfigAmong(IReadOnlyList<LogConfig> configs) =>
        Config.Length > 0 ? configs.FirstOrDefault(c => c.Namespace == Namespace && c.Name == Config)
        : configs.Count == 1 ? configs[0]
        : null;

    private static void Read(MappingReader document, ConfigurationDraft draft)
    {
        var metadata = Metadata.ReadNamespaced(document, Names.Subdomain, "The test's name, unique in its namespace.");
        var test = document.Object("spec", spec => ReadSpec(spec, metadata, draft), "What is tested.");
        if (draft.Declare(document, Kind.Name, metadata.Namespace, metadata.Name))
            draft.LogConfigTests.Add(test);
    }

    private static LogConfigTest ReadSpec(MappingReader spec, Metadata metadata, ConfigurationDraft draft)
    {
        var config = spec.Text("config", "", Names.Subdomain, "The LogConfig that is tested, of the same namespace.", "the only one");
        var format = spec.Choice("format", "raw", "How the samples' lines are framed, where they do not say it.", LogSample.Formats);
        var test = new LogConfigTest
        {
            Namespace = metadata.Namespace,
            Name = metadata.Name,
            Config = config,
            Samples = spec.ObjectList("samples", sample => LogSample.Read(sample, format), "What is put in, one run of the rules each."),
        };
        draft.AfterAll(() =>
        {
            if (test.ConfigAmong(draft.LogConfigs) is null)
            {
                spec.Fail("config", config.Length > 0
                    ? $"there is no LogConfig {Shown.Quoted(metadata.Namespace + "/" + config)}"
                    : $"does not say which of {draft.LogConfigs.Count} LogConfigs is tested; expected the name of one", config);
            }
        });
        return test;
    }
}

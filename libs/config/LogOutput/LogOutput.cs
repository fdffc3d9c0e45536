namespace Tributary.Config;

/// <summary>Where batches are delivered: a document of kind LogOutput.</summary>
public sealed record LogOutput
{
    /// <summary>The output that takes what nothing else routes; it exists without being declared.</summary>
    public const string DefaultName = "default";

    /// <summary>Unique; at most 63 characters.</summary>
    public required string Name { get; init; }

    public LogOutputType Type { get; init; } = LogOutputType.File;

    /// <summary>Folder of a file output: a folder a target and a file a day are made in it.</summary>
    public string Path { get; init; } = "./var/logs";

    internal static readonly Kind Kind = new(
        "LogOutput",
        "Where records are delivered. The output named `default` takes what nothing else routes; where no document declares it, it is a file output at `./var/logs`, also when other outputs are declared.",
        Read);

    private static void Read(MappingReader document, ConfigurationDraft draft)
    {
        var name = Metadata.ReadName(document, Names.Label, "The output's name, unique.");
        var output = document.Object("spec", spec => ReadSpec(spec, name), "How it delivers.");
        if (!draft.Declare(document, Kind.Name, "", name))
            return;
        draft.Outputs.Add(output);
        if (output.Type == LogOutputType.File)
            draft.TakeFolder(document, output.Path, name);
    }

    private static LogOutput ReadSpec(MappingReader spec, string name)
    {
        var defaults = new LogOutput { Name = name };
        var output = new LogOutput
        {
            Name = name,
            Type = spec.Choice("type", defaults.Type, "`file`: NDJSON files, one a target and day, on disk before a batch is acknowledged. `console`: standard output. `null`: counted and dropped.", ("file", LogOutputType.File), ("console", LogOutputType.Console), ("null", LogOutputType.Null)),
            Path = spec.Text("path", defaults.Path, Addresses.Folder, "Folder of a `file` output, its own alone; made when it is missing."),
        };
        if (output.Type != LogOutputType.File && spec.Has("path"))
            spec.Fail("path", "only an output of type file has a path");
        return output;
    }
}

/// <summary>How an output delivers.</summary>
public enum LogOutputType
{
    /// <summary>NDJSON files.</summary>
    File,

    /// <summary>Standard output.</summary>
    Console,

    /// <summary>Counted and dropped.</summary>
    Null,
}

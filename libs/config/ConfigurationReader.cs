using System.Text;

namespace Tributary.Config;

/// <summary>
/// Reads and validates configuration files, in YAML or JSON. Every error of every file is found in one go; with any
/// error there is no configuration. Nothing is thrown for what a file holds or for a file that cannot be read.
/// </summary>
public static class ConfigurationReader
{
    /// <summary>Reads all files as one configuration; without any file everything has its default.</summary>
    /// <param name="files">Paths; errors name them as given. A file may have up to 1 MiB and any number of documents.</param>
    /// <param name="environment">
    /// Value of an environment variable, null where it is not set; the process's own where this is null. Documents from
    /// others than the process's owner should be read with one that knows nothing.
    /// </param>
    public static ConfigurationResult Read(IEnumerable<string> files, Func<string, string?>? environment = null) =>
        ReadAll(files.Select(file => (file, (Func<FileErrors, string?>)(errors => ConfigurationText.ReadFile(file, errors)))), environment);

    /// <summary>Reads one text as if it were the only file.</summary>
    /// <param name="name">Stands for the file in errors.</param>
    /// <param name="text">YAML or JSON, up to 1 MiB in UTF-8.</param>
    /// <param name="environment">See <see cref="Read"/>.</param>
    public static ConfigurationResult ReadText(string name, string text, Func<string, string?>? environment = null) =>
        ReadBytes(name, Encoding.UTF8.GetBytes(text), environment);

    /// <summary>Reads one file's content as if it were the only file.</summary>
    /// <param name="name">Stands for the file in errors.</param>
    /// <param name="content">Anything; what is not UTF-8 text up to 1 MiB is an error.</param>
    /// <param name="environment">See <see cref="Read"/>.</param>
    public static ConfigurationResult ReadBytes(string name, byte[] content, Func<string, string?>? environment = null) =>
        ReadAll([(name, errors => ConfigurationText.Decode(content, errors))], environment);

    /// <summary>
    /// Reads files while a configuration is in force: what is wrong costs only itself and stays as it was. What is missing
    /// from the files goes, unless some document cannot be told: then it may be meant, and stays.
    /// </summary>
    /// <param name="files">See <see cref="Read"/>.</param>
    /// <param name="before">What is in force.</param>
    /// <param name="environment">See <see cref="Read"/>.</param>
    public static RereadResult Reread(IEnumerable<string> files, TributaryConfiguration before, Func<string, string?>? environment = null)
    {
        var (draft, errors, isComplete) = Load(
            files.Select(file => (file, (Func<FileErrors, string?>)(e => ConfigurationText.ReadFile(file, e)))), environment);
        isComplete &= !draft.HasUnnamedError;
        var configs = draft.LogConfigs.Where(c => !draft.IsRefused(LogConfig.Kind.Name, c.Namespace, c.Name)).ToList();
        var named = configs.Select(c => (c.Namespace, c.Name)).ToHashSet();
        var kept = before.LogConfigs
            .Where(c => !named.Contains((c.Namespace, c.Name)) && (!isComplete || draft.IsRefused(LogConfig.Kind.Name, c.Namespace, c.Name)))
            .ToList();
        var sound = isComplete && !before.Outputs.Concat(draft.Outputs).Any(o => draft.IsRefused(LogOutput.Kind.Name, "", o.Name));
        return new()
        {
            Documents = new()
            {
                Node = isComplete && !draft.IsRefused(NodeSettings.Kind.Name, "", "") ? draft.Node : before.Node,
                Outputs = sound ? draft.Outputs : before.Outputs,
                LogConfigs = [.. configs, .. kept],
            },
            Errors = [.. errors.SelectMany(e => e.Sorted())],
            Kept = [.. kept.Select(c => $"{c.Namespace}/{c.Name}")],
        };
    }

    private static ConfigurationResult ReadAll(
        IEnumerable<(string Name, Func<FileErrors, string?> Load)> files, Func<string, string?>? environment)
    {
        var (draft, all, _) = Load(files, environment);
        return all.Any(errors => errors.Any)
            ? new() { Errors = [.. all.SelectMany(errors => errors.Sorted())] }
            : new() { Documents = draft.Build() };
    }

    private static (ConfigurationDraft Draft, List<FileErrors> Errors, bool IsComplete) Load(
        IEnumerable<(string Name, Func<FileErrors, string?> Load)> files, Func<string, string?>? environment)
    {
        var draft = new ConfigurationDraft();
        var all = new List<FileErrors>();
        foreach (var (name, load) in files)
        {
            var errors = new FileErrors(name);
            all.Add(errors);
            if (load(errors) is { } text)
                ReadFile(text, errors, draft, environment ?? Environment.GetEnvironmentVariable);
        }
        var isComplete = !draft.HasUnknownKind && !all.Any(errors => errors.HasBrokenDocument);
        draft.Complete(isComplete);
        return (draft, all, isComplete);
    }

    private static void ReadFile(string text, FileErrors errors, ConfigurationDraft draft, Func<string, string?> environment)
    {
        var documents = YamlTree.Read(text, errors);
        if (documents.Count == 0 && !errors.Any)
            errors.Broken((default, $"is empty; expected documents of {Kind.ApiVersion}"));
        var interpolation = new Interpolation(environment);
        foreach (var document in documents)
        {
            var scope = new DocumentScope(errors, interpolation);
            var before = errors.Count;
            draft.Begin();
            if (document is YamlMap map)
                Kind.ReadDocument(new MappingReader(scope, map), draft);
            else
                errors.Broken((document.Place, (document as YamlRefused)?.Reason ?? "is not a document; expected a mapping with apiVersion, kind and spec"));
            draft.End(scope.References, errors.Count > before);
        }
    }
}

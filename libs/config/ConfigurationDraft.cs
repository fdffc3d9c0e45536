namespace Tributary.Config;

/// <summary>
/// Collects what the documents of all files declare, and checks what only all of them together can tell: names are
/// unique, what is referred to exists, no two outputs write to one folder.
/// </summary>
internal sealed class ConfigurationDraft
{
    private readonly Dictionary<(string Kind, string Namespace, string Name), string> declared = [];
    private readonly List<Action> checks = [];
    private readonly Dictionary<string, (FileErrors Errors, Place Place, string Name)> folders = [];

    private readonly HashSet<(string Kind, string Namespace, string Name)> refused = [];
    private readonly List<(Reference Reference, (string Kind, string Namespace, string Name)? Document)> references = [];
    private (string Kind, string Namespace, string Name)? current;

    public NodeSettings Node { get; set; } = new();

    public List<LogOutput> Outputs { get; } = [];

    public List<LogConfig> LogConfigs { get; } = [];

    /// <summary>A document was left unread, so that what others refer to may be in it.</summary>
    public bool HasUnknownKind { get; set; }

    /// <summary>A document with errors cannot be told by its name, so that it may be any.</summary>
    public bool HasUnnamedError { get; private set; }

    /// <summary>Whether some document of this name has an error.</summary>
    public bool IsRefused(string kind, string owner, string name) => refused.Contains((kind, owner, name));

    /// <summary>A document begins.</summary>
    public void Begin() => current = null;

    /// <summary>The document that began last ends; <paramref name="hasErrors"/> refuses it.</summary>
    public void End(IEnumerable<Reference> named, bool hasErrors)
    {
        references.AddRange(named.Select(reference => (reference, current)));
        if (hasErrors && current is { } document)
            refused.Add(document);
        else if (hasErrors)
            HasUnnamedError = true;
    }

    public List<LogConfigTest> LogConfigTests { get; } = [];

    /// <summary>A check that needs every document; left out when one is missing.</summary>
    public void AfterAll(Action check) => checks.Add(check);

    /// <summary>False, with an error, where the name is taken. A name that is missing is not declared.</summary>
    public bool Declare(MappingReader document, string kind, string owner, string name)
    {
        var (errors, place) = (document.Scope.Errors, document.Place);
        if (name.Length == 0 && kind != NodeSettings.Kind.Name)
            return false;
        current = (kind, owner, name);
        if (declared.TryAdd((kind, owner, name), $"{errors.File}:{place.Line}:{place.Column}"))
            return true;
        var shown = name.Length == 0 ? kind : kind + " " + Shown.Quoted(owner.Length == 0 ? name : owner + "/" + name);
        errors.Add(place, "", null, $"{shown} is already declared at {declared[(kind, owner, name)]}");
        return false;
    }

    /// <summary>Takes a folder for one file output: two of them would write to the same files.</summary>
    public void TakeFolder(MappingReader document, string folder, string output)
    {
        if (!Addresses.IsPath(folder))
            return;
        var full = Path.GetFullPath(folder);
        if (!folders.TryAdd(full, (document.Scope.Errors, document.Place, output)))
            document.Scope.Errors.Add(document.Place, "spec.path", folder, $"{Shown.Quoted(folder)} is the folder of LogOutput {Shown.Quoted(folders[full].Name)} already; expected one of its own");
    }

    /// <summary>The effective configuration, once every document is read and without error.</summary>
    public TributaryConfiguration Build() => new() { Node = Node, Outputs = Outputs, LogConfigs = LogConfigs, LogConfigTests = LogConfigTests };

    /// <summary>The checks over all documents. <paramref name="isComplete"/>: no document is missing.</summary>
    public void Complete(bool isComplete)
    {
        if (declared.TryAdd((LogOutput.Kind.Name, "", LogOutput.DefaultName), "built in"))
        {
            var builtIn = new LogOutput { Name = LogOutput.DefaultName };
            Outputs.Add(builtIn);
            if (isComplete && folders.TryGetValue(Path.GetFullPath(builtIn.Path), out var taken))
                taken.Errors.Add(taken.Place, "spec.path", builtIn.Path, $"{Shown.Quoted(builtIn.Path)} is the folder of the built-in output \"default\"; give {Shown.Quoted(taken.Name)} a path of its own or declare \"default\"");
        }
        if (isComplete)
            checks.ForEach(check => check());
        foreach (var (reference, document) in isComplete ? references : [])
        {
            if (declared.ContainsKey((reference.Kind, "", reference.Name)))
                continue;
            var known = declared.Keys.Where(key => key.Kind == reference.Kind).Select(key => key.Name);
            if (document is { } wrong)
                refused.Add(wrong);
            reference.Errors.Add(reference.Place, reference.Path, reference.Name, $"there is no {reference.Kind} {Shown.Quoted(reference.Name)}{Suggestion.DidYouMean(reference.Name, known)}");
        }
    }
}

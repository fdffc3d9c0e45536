using Tributary.Contracts;
using Tributary.Discovery.Containers;

namespace Tributary.Discovery.Declarations;

/// <summary>
/// Says what is collected from a container: what configs ask, what its labels and env declare, and by default its own
/// output. An entry that cannot be followed becomes a source with a reason and harms no other. Reasons name keys,
/// never values.
/// </summary>
internal sealed class SourceResolver(CollectMode collect, IReadOnlyList<string> prefixes, RuleSet rules, TargetQuota quota)
{
    /// <summary>Entries of one container that are looked at; the rest is one source with a reason.</summary>
    internal const int SourcesMax = 100;

    private const int NameLengthMax = 100;

    private const string Stdout = "stdout";

    public IReadOnlyList<LogSource> Resolve(ContainerFacts container)
    {
        if (!container.HasLog)
        {
            return [];
        }

        var sources = new List<LogSource>();
        foreach (var rule in rules.Matching(container))
        {
            AddFromRule(container, rule, sources);
        }

        foreach (var declaration in DeclarationReader.Read(container.Labels, container.Env, prefixes))
        {
            AddDeclared(container, declaration, sources);
        }

        if (collect == CollectMode.All && !sources.Exists(AsksForStdout) && !DeclarationReader.OptsOut(container.Labels, prefixes))
        {
            sources.Add(OwnOutput(container, Stdout, Topology.DefaultTarget));
        }

        return sources.Count <= SourcesMax
            ? sources
            : [.. sources.Take(SourcesMax), Refused("more", $"More than {SourcesMax} entries are declared for one container: the others are left out.")];

        bool AsksForStdout(LogSource source) => source.Reason is null || source.Reason == container.LogProblem;
    }

    private void AddFromRule(ContainerFacts container, ConfigRule rule, List<LogSource> sources)
    {
        var source = TargetName.IsValid(rule.Target)
            ? OwnOutput(container, rule.Name, quota.Grant(container.Tenant, container.Id, rule.Target)) with { Streams = rule.Streams }
            : Refused(rule.Name, $"The target of config {rule.FullName} is not of the form {TargetName.Pattern}.");
        Add(source with { Config = rule.FullName, ConfigVersion = rule.Version }, sources);
    }

    private void AddDeclared(ContainerFacts container, Declaration declaration, List<LogSource> sources)
    {
        var name = declaration.Name;
        foreach (var unknown in declaration.Unknown)
        {
            sources.Add(Refused(name, $"The {unknown.Origin} is not known: below a name there are only 'target' and 'tags'."));
        }

        if (declaration.Value is not { } value)
        {
            var origin = (declaration.Target ?? declaration.Tags)?.Origin;
            if (origin is not null)
            {
                sources.Add(Refused(name, $"The {origin} belongs to no log: declare '{name}' itself as stdout."));
            }

            return;
        }

        if (Fault(declaration, value) is { } fault)
        {
            sources.Add(Refused(name, fault));
            return;
        }

        string? problem = null;
        var tags = declaration.Tags is { } list ? TagList.Parse(list.Value, out problem) : new Dictionary<string, string>();
        var target = quota.Grant(container.Tenant, container.Id, declaration.Target?.Value ?? name);
        Add(OwnOutput(container, name, target) with { Tags = tags }, sources);
        if (problem is not null)
        {
            sources.Add(Refused(name + ".tags", $"The {declaration.Tags!.Origin} is taken in part: {problem}."));
        }
    }

    private static string? Fault(Declaration declaration, DeclaredValue value)
    {
        if (value.Value.StartsWith('/'))
        {
            return $"The {value.Origin} names a path: files inside containers are not collected by this version, only stdout is.";
        }

        if (value.Value != Stdout)
        {
            return $"The value of {value.Origin} is neither 'stdout' nor a path that starts with '/'.";
        }

        if (declaration.Name.Length > NameLengthMax)
        {
            return $"This name is longer than {NameLengthMax} characters.";
        }

        return TargetName.IsValid(declaration.Target?.Value ?? declaration.Name)
            ? null
            : $"The target named by {(declaration.Target ?? value).Origin} is not of the form {TargetName.Pattern}.";
    }

    /// <summary>The same lines go to the same target once.</summary>
    private static void Add(LogSource source, List<LogSource> sources)
    {
        var twin = source.Reason is null
            ? sources.Find(other => other.Reason is null && other.Target == source.Target && Overlap(other.Streams, source.Streams))
            : null;
        sources.Add(twin is null
            ? source
            : source with { Path = "", Reason = $"The output goes to target '{source.Target}' already, as '{twin.Name}': name another target or drop one of the two." });
    }

    private static bool Overlap(IReadOnlyList<string> left, IReadOnlyList<string> right) =>
        left.Count == 0 || right.Count == 0 || left.Intersect(right, StringComparer.Ordinal).Any();

    private static LogSource OwnOutput(ContainerFacts container, string name, string target) => new()
    {
        Name = name,
        Path = container.LogPath,
        Format = container.LogFormat,
        Target = target,
        Reason = container.LogProblem,
    };

    private static LogSource Refused(string name, string reason) => new()
    {
        Name = name.Length == 0 ? "(unnamed)" : name.Length > NameLengthMax ? name[..NameLengthMax] : name,
        Path = "",
        Format = LogFormat.Auto,
        Target = Topology.DefaultTarget,
        Reason = reason,
    };
}

namespace Tributary.Discovery.Declarations;

/// <summary>
/// Finds declarations: labels <c>PREFIX.logs.NAME[.target|.tags]</c> and env <c>PREFIX_logs_NAME[_target|_tags]</c>.
/// Env overrides a label of the same key. A name under two prefixes belongs to the one that stands first.
/// </summary>
internal static class DeclarationReader
{
    private const string TargetKey = "target";
    private const string TagsKey = "tags";

    public static IReadOnlyList<Declaration> Read(
        IReadOnlyDictionary<string, string> labels, IReadOnlyList<string> env, IReadOnlyList<string> prefixes)
    {
        var all = new SortedDictionary<string, Declaration>(StringComparer.Ordinal);
        foreach (var prefix in prefixes)
        {
            var found = new Dictionary<string, Declaration>(StringComparer.Ordinal);
            ReadLabels(labels, prefix + ".logs.", found);
            ReadEnv(env, prefix + "_logs_", found);
            foreach (var (name, declaration) in found)
            {
                all.TryAdd(name, declaration);
            }
        }

        return [.. all.Values];
    }

    /// <summary>Whether a label says that nothing is to be collected by default.</summary>
    public static bool OptsOut(IReadOnlyDictionary<string, string> labels, IReadOnlyList<string> prefixes) =>
        prefixes.Select(prefix => prefix + ".logs").Append("tributary.io/logs").Any(key =>
            labels.TryGetValue(key, out var value) && value.Trim().Equals("false", StringComparison.OrdinalIgnoreCase));

    private static void ReadLabels(IReadOnlyDictionary<string, string> labels, string start, Dictionary<string, Declaration> found)
    {
        foreach (var (key, value) in labels.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            if (key.StartsWith(start, StringComparison.Ordinal))
            {
                var (name, property) = SplitLabel(key[start.Length..]);
                Put(found, name, property, new DeclaredValue(value.Trim(), "label " + key));
            }
        }
    }

    private static void ReadEnv(IReadOnlyList<string> env, string start, Dictionary<string, Declaration> found)
    {
        foreach (var line in env)
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && line.StartsWith(start, StringComparison.Ordinal))
            {
                var key = line[..equals];
                var (name, property) = SplitEnv(key[start.Length..]);
                Put(found, name, property, new DeclaredValue(line[(equals + 1)..].Trim(), "env " + key));
            }
        }
    }

    private static (string Name, string Property) SplitLabel(string rest)
    {
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? (rest, "") : (rest[..dot], rest[(dot + 1)..]);
    }

    /// <summary>A name may hold underscores, so only the known endings are keys.</summary>
    private static (string Name, string Property) SplitEnv(string rest)
    {
        foreach (var property in (ReadOnlySpan<string>)[TargetKey, TagsKey])
        {
            if (rest.EndsWith("_" + property, StringComparison.Ordinal))
            {
                return (rest[..^(property.Length + 1)], property);
            }
        }

        return (rest, "");
    }

    private static void Put(Dictionary<string, Declaration> found, string name, string property, DeclaredValue value)
    {
        if (!found.TryGetValue(name, out var declaration))
        {
            declaration = new Declaration(name);
            found.Add(name, declaration);
        }

        switch (property)
        {
            case "":
                declaration.Value = value;
                break;
            case TargetKey:
                declaration.Target = value;
                break;
            case TagsKey:
                declaration.Tags = value;
                break;
            default:
                declaration.Unknown.Add(value);
                break;
        }
    }
}

namespace Tributary.Config;

/// <summary>Maps whose values are of any plain type.</summary>
internal sealed partial class MappingReader
{
    /// <summary>Names to scalars as written, sorted by name, with whether they are text; null for a name without a value.</summary>
    public IReadOnlyDictionary<string, (string Text, bool IsText)?> ScalarMap(string name, string meaning)
    {
        Describe(name, "map of values", "{}", "", meaning);
        var read = new SortedDictionary<string, (string Text, bool IsText)?>(StringComparer.Ordinal);
        if (Find(name) is YamlMap written)
        {
            var inner = new MappingReader(scope, written, PathOf(name));
            foreach (var (key, entry) in inner.entries)
            {
                if (entry.Value is YamlScalar { IsNull: true })
                    read[key] = null;
                else if (inner.ReadScalar(entry.Value, inner.PathOf(key), "a value") is { } text)
                    read[key] = (text, !((YamlScalar)entry.Value).IsPlain || PlainType.Of(((YamlScalar)entry.Value).Value) is null);
            }
        }
        else if (Find(name) is { } node)
        {
            WrongType(node, PathOf(name), "a mapping");
        }
        return read;
    }
}

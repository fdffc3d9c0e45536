namespace Tributary.Config;

/// <summary>
/// Reads one mapping field by field. Asking for a field says all there is to say about it (type, default, bounds,
/// meaning), so the same calls validate, fill the model, make the version hash and write the reference. Nothing throws:
/// a wrong field is reported and its default returned, and <see cref="Finish"/> reports the fields nobody asked for.
/// A field without a value counts as not written.
/// </summary>
internal sealed partial class MappingReader
{
    /// <summary>Items of a list of mappings.</summary>
    public const int ItemsMax = 100;

    private readonly DocumentScope scope;
    private readonly YamlMap map;
    private readonly string path;
    private readonly Dictionary<string, YamlEntry> entries = [];
    private readonly List<string> known = [];
    private readonly HashSet<string> notAllowed = [];

    public MappingReader(DocumentScope scope, YamlMap map, string path = "")
    {
        (this.scope, this.map, this.path) = (scope, map, path);
        foreach (var entry in map.Entries)
        {
            if (!entries.TryAdd(entry.Name, entry))
                Duplicate(PathOf(entry.Name), entry, entries[entry.Name].Place);
        }
    }

    public Place Place => map.Place;

    public DocumentScope Scope => scope;

    /// <summary>A mapping of its own; where it is not written, its fields' defaults.</summary>
    public T Object<T>(string name, Func<MappingReader, T> read, string meaning)
    {
        Describe(name, "object", "", "", meaning);
        return ReadObject(Find(name), PlaceOf(name), PathOf(name), read);
    }

    /// <summary>One of several alternatives: null where it is not named at all; named without a value is all defaults.</summary>
    public T? OptionalObject<T>(string name, Func<MappingReader, T> read, string meaning)
        where T : class
    {
        if (scope.Descriptions is null && !entries.ContainsKey(name))
        {
            known.Add(name);
            return null;
        }
        scope.Differs(PathOf(name), "");
        return Object(name, read, meaning);
    }

    /// <summary>A list of mappings with at least one item.</summary>
    public IReadOnlyList<T> ObjectList<T>(string name, Func<MappingReader, T> read, string meaning, string shownDefault = "required")
    {
        Describe(name, "list of objects", shownDefault, $"1 to {ItemsMax}", meaning);
        if (scope.Descriptions is not null)
            ReadObject(null, Place, PathOf(name) + "[]", read);
        if (Find(name) is not { } node)
            Fail(name, "is missing; expected a list with at least one item");
        else if (node is YamlList { Items.Count: > ItemsMax } full)
            Fail(name, $"has {full.Items.Count} items; expected at most {ItemsMax}");
        else if (node is YamlList { Items.Count: 0 })
            Fail(name, "is empty; expected at least one item");
        else if (node is YamlList list)
            return [.. list.Items.Select((item, i) => ReadObject(item, item.Place, $"{PathOf(name)}[{i}]", read))];
        else
            WrongType(node, PathOf(name), "a list");
        return [];
    }

    /// <summary>Null where the field is not named; else a list of mappings with at least one item.</summary>
    public IReadOnlyList<T>? OptionalObjectList<T>(string name, Func<MappingReader, T> read, string meaning)
    {
        if (scope.Descriptions is not null || entries.ContainsKey(name))
            return ObjectList(name, read, meaning, "none");
        known.Add(name);
        return null;
    }

    /// <summary>Whether the field has a value.</summary>
    public bool HasValue(string name) => Find(name) is not null;

    /// <summary>Whether the field is written, with or without a value.</summary>
    public bool Has(string name) => entries.ContainsKey(name);

    /// <summary>Where the field's value stands, or the mapping itself.</summary>
    public Place PlaceOf(string name) => entries.TryGetValue(name, out var entry) ? entry.Value.Place : Place;

    /// <summary>Reports a field that is known and not allowed here.</summary>
    public void Refuse(string name, string message)
    {
        notAllowed.Add(name);
        if (entries.TryGetValue(name, out var entry))
            scope.Errors.Add(entry.Place, PathOf(name), null, message);
    }

    /// <summary>Reports a rule between fields, at the field's place or, with an empty name, the mapping's.</summary>
    public void Fail(string name, string message, string? value = null) =>
        scope.Errors.Add(PlaceOf(name), name.Length == 0 ? path : PathOf(name), value, message);

    /// <summary>Reports the fields that were written and never asked for.</summary>
    public void Finish()
    {
        foreach (var (name, entry) in entries)
        {
            if (!known.Contains(name) && !notAllowed.Contains(name))
                scope.Errors.Add(entry.Place, PathOf(name), name, $"unknown field {Shown.Quoted(name)}{Suggestion.DidYouMean(name, known)}");
        }
    }

    private T ReadObject<T>(YamlNode? node, Place place, string at, Func<MappingReader, T> read)
    {
        var inner = scope;
        if (node is not null and not YamlMap)
        {
            if (node is not YamlScalar { IsNull: true })
                WrongType(node, at, "a mapping");
            inner = node is YamlScalar { IsNull: true } ? scope : scope.Muted();
        }
        var reader = new MappingReader(inner, node as YamlMap ?? YamlMap.EmptyAt(place), at);
        var result = read(reader);
        reader.Finish();
        return result;
    }

    private YamlNode? Find(string name) =>
        entries.TryGetValue(name, out var entry) && entry.Value is not YamlScalar { IsNull: true } ? entry.Value : null;

    private void Describe(string name, string type, string fallback, string bounds, string meaning)
    {
        known.Add(name);
        scope.Descriptions?.Add(new(PathOf(name), type, fallback, bounds, meaning));
    }

    private void WrongType(YamlNode node, string at, string expected)
    {
        var (value, found) = node switch
        {
            YamlRefused refusal => (refusal.Value, refusal.Reason),
            YamlList => (null, "is a list"),
            YamlMap => (null, "is a mapping"),
            YamlScalar scalar => (scalar.Value, Shown.Quoted(scalar.Value) + " is text"),
            _ => (null, "is wrong"),
        };
        scope.Errors.Add(node.Place, at, value, node is YamlRefused ? found : $"{found}; expected {expected}");
    }

    private void Duplicate(string at, YamlEntry entry, Place first) =>
        scope.Errors.Add(entry.Place, at, entry.Name, $"is written twice; first in line {first.Line}");

    private string PathOf(string name)
    {
        var isPlain = name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
        return isPlain ? (path.Length == 0 ? name : path + "." + name) : path + "[" + Shown.Quoted(name) + "]";
    }
}

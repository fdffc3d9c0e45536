namespace Tributary.Config;

/// <summary>Lists and maps of text.</summary>
internal sealed partial class MappingReader
{
    /// <summary>A list of different texts, each accepted by the rule. An empty list is allowed where the default is one.</summary>
    public IReadOnlyList<string> TextList(string name, IReadOnlyList<string> fallback, TextRule rule, string meaning) =>
        Noted(name, fallback, ReadList(name, fallback, rule, meaning));

    /// <summary>Some of a few words, all of them by default; given in the words' own order, however they are written.</summary>
    public IReadOnlyList<string> Words(string name, string type, IReadOnlyList<string> words, string meaning)
    {
        var rule = TextRule.Of(type, Shown.Either(words), words.Contains);
        var written = ReadList(name, words, rule, meaning).Select(item => item.Text).ToHashSet();
        List<string> chosen = [.. words.Where(written.Contains)];
        if (chosen.Count < words.Count)
            scope.Differs(PathOf(name), string.Join(',', chosen));
        return chosen;
    }

    /// <summary>Names of other documents; that they exist is checked when every document is read.</summary>
    public IReadOnlyList<string> References(string name, string kind, IReadOnlyList<string> fallback, TextRule rule, string meaning)
    {
        var items = ReadList(name, fallback, rule, meaning);
        scope.References.AddRange(items
            .Where(item => item.Text.Length > 0)
            .Select(item => new Reference(scope.Errors, item.Place, item.Path, kind, item.Text)));
        return Noted(name, fallback, items);
    }

    /// <summary>Names to texts, sorted by name; a name without a value has the empty text.</summary>
    public IReadOnlyDictionary<string, string> TextMap(string name, string meaning)
    {
        Describe(name, "map of text", "{}", "", meaning);
        return ReadMap(name);
    }

    /// <summary>Names to one of a few words each, sorted by name.</summary>
    public IReadOnlyDictionary<string, T> ChoiceMap<T>(string name, string meaning, params IReadOnlyList<(string Word, T Value)> choices)
    {
        var words = choices.Select(c => c.Word).ToList();
        Describe(name, "map of choices", "{}", Shown.Either(words), meaning);
        var read = new SortedDictionary<string, T>(StringComparer.Ordinal);
        if (Find(name) is YamlMap written)
        {
            var inner = new MappingReader(scope, written, PathOf(name));
            foreach (var (key, entry) in inner.entries)
            {
                if (inner.ReadScalar(entry.Value, inner.PathOf(key), Shown.Either(words)) is not { } text)
                    continue;
                var chosen = words.IndexOf(text);
                if (chosen < 0)
                    inner.Wrong((YamlScalar)entry.Value, inner.PathOf(key), $"is not valid; expected {Shown.Either(words)}", Suggestion.DidYouMean(text, words));
                else
                    read[key] = choices[chosen].Value;
            }
        }
        else if (Find(name) is { } node)
        {
            WrongType(node, PathOf(name), "a mapping");
        }
        foreach (var (key, value) in read)
            scope.Differs(PathOf(name), $"{key.Length}:{key}={value}");
        return read;
    }

    /// <summary>Labels and annotations, as Kubernetes has them: any map of text; of no further use.</summary>
    public void IgnoredMap(string name, string meaning)
    {
        Describe(name, "map of text", "{}", "", meaning);
        ReadMap(name);
    }

    private List<(string Text, Place Place, string Path)> ReadList(
        string name, IReadOnlyList<string> fallback, TextRule rule, string meaning)
    {
        Describe(name, "list of " + rule.Type, "[" + string.Join(", ", fallback) + "]", rule.Expected, meaning);
        var read = new List<(string Text, Place Place, string Path)>();
        if (Find(name) is YamlList list)
        {
            var seen = new HashSet<string>();
            for (var i = 0; i < list.Items.Count; i++)
            {
                var (node, at) = (list.Items[i], $"{PathOf(name)}[{i}]");
                var text = ReadText(node, at, rule) ?? "";
                if (text.Length > 0 && !seen.Add(text))
                    scope.Errors.Add(node.Place, at, ((YamlScalar)node).Value, $"{Shown.Quoted(((YamlScalar)node).Value)} is listed twice");
                read.Add((text, node.Place, at));
            }
            if (read.Count == 0 && fallback.Count > 0)
                Fail(name, "is empty; expected at least one item");
        }
        else
        {
            if (Find(name) is { } node)
                WrongType(node, PathOf(name), "a list");
            read = [.. fallback.Select(text => (text, Place, PathOf(name)))];
        }
        return read;
    }

    private List<string> Noted(string name, IReadOnlyList<string> fallback, List<(string Text, Place Place, string Path)> items)
    {
        List<string> texts = [.. items.Select(item => item.Text)];
        if (!texts.SequenceEqual(fallback))
            texts.ForEach(text => scope.Differs(PathOf(name) + "[]", text));
        return texts;
    }

    private SortedDictionary<string, string> ReadMap(string name)
    {
        var read = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (Find(name) is YamlMap written)
        {
            var inner = new MappingReader(scope, written, PathOf(name));
            foreach (var (key, entry) in inner.entries)
                read[key] = entry.Value is YamlScalar { IsNull: true } ? "" : inner.ReadText(entry.Value, inner.PathOf(key), TextRule.Any) ?? "";
        }
        else if (Find(name) is { } node)
        {
            WrongType(node, PathOf(name), "a mapping");
        }
        foreach (var (key, text) in read)
            scope.Differs(PathOf(name), $"{key.Length}:{key}={text}");
        return read;
    }
}

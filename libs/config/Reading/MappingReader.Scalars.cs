using System.Globalization;

namespace Tributary.Config;

/// <summary>Single values. What is printed of them is always as written, so an environment's secrets stay out of errors.</summary>
internal sealed partial class MappingReader
{
    private delegate bool Parse<T>(string text, out T value);

    /// <summary>Text that a rule accepts. <paramref name="shownDefault"/> stands for a default that differs by machine.</summary>
    public string Text(string name, string fallback, TextRule rule, string meaning, string? shownDefault = null)
    {
        Describe(name, rule.Type, shownDefault ?? fallback, rule.Expected, meaning);
        var text = Find(name) is { } node ? ReadText(node, PathOf(name), rule) ?? fallback : fallback;
        if (text != fallback)
            scope.Differs(PathOf(name), text);
        return text;
    }

    /// <summary>Text without a default; empty after an error.</summary>
    public string RequiredText(string name, TextRule rule, string meaning)
    {
        Describe(name, rule.Type, "required", rule.Expected, meaning);
        if (Find(name) is { } node)
        {
            var text = ReadText(node, PathOf(name), rule) ?? "";
            scope.Differs(PathOf(name), text);
            return text;
        }
        Fail(name, $"is missing; expected {rule.Expected}");
        return "";
    }

    /// <summary>A duration within bounds, both included.</summary>
    public TimeSpan Duration(string name, TimeSpan fallback, TimeSpan min, TimeSpan max, string meaning) =>
        Bounded(name, "duration", DurationText.Expected, fallback, min, max, DurationText.TryParse, DurationText.Format, meaning);

    /// <summary>A number of bytes within bounds, both included.</summary>
    public long Bytes(string name, long fallback, long min, long max, string meaning) =>
        Bounded(name, "bytes", ByteSize.Expected, fallback, min, max, ByteSize.TryParse, ByteSize.Format, meaning);

    /// <summary>A whole number within bounds, both included.</summary>
    public int Number(string name, int fallback, int min, int max, string meaning) =>
        Bounded(name, "number", "a whole number", fallback, min, max, WholeNumber.TryParse, n => n.ToString(), meaning);

    /// <summary>A share from 0 to 1, without a default; 1 after an error.</summary>
    public double RequiredFraction(string name, string meaning)
    {
        if (!HasValue(name))
            Fail(name, $"is missing; expected {Fraction.Expected}");
        return Bounded(name, "fraction", Fraction.Expected, 1.0, 0.0, 1.0, Fraction.TryParse, f => f.ToString("R", CultureInfo.InvariantCulture), meaning, "required");
    }

    /// <summary>Text that a rule accepts; null where it has no value.</summary>
    public string? OptionalText(string name, TextRule rule, string meaning)
    {
        Describe(name, rule.Type, "none", rule.Expected, meaning);
        if (Find(name) is not { } node)
            return null;
        var text = ReadText(node, PathOf(name), rule) ?? "";
        scope.Differs(PathOf(name), text);
        return text;
    }

    /// <summary>Yes or no.</summary>
    public bool Flag(string name, bool fallback, string meaning) =>
        Choice(name, fallback, meaning, ("false", false), ("true", true));

    /// <summary>One of a few words.</summary>
    public T Choice<T>(string name, T fallback, string meaning, params IReadOnlyList<(string Word, T Value)> choices)
    {
        var words = choices.Select(c => c.Word).ToList();
        string WordOf(T value) => choices.First(c => EqualityComparer<T>.Default.Equals(c.Value, value)).Word;
        Describe(name, "choice", WordOf(fallback), Shown.Either(words), meaning);
        // The word "null" is YAML's null as well: where it is a choice, it is meant as the word.
        var node = entries.TryGetValue(name, out var entry) && entry.Value is YamlScalar scalar && words.Contains(scalar.Value)
            ? scalar
            : Find(name);
        if (node is null || ReadScalar(node, PathOf(name), Shown.Either(words)) is not { } text)
            return fallback;
        var chosen = words.IndexOf(text);
        if (chosen < 0)
        {
            Wrong((YamlScalar)node, PathOf(name), $"is not valid; expected {Shown.Either(words)}", Suggestion.DidYouMean(((YamlScalar)node).Value, words));
            return fallback;
        }
        if (!EqualityComparer<T>.Default.Equals(choices[chosen].Value, fallback))
            scope.Differs(PathOf(name), text);
        return choices[chosen].Value;
    }

    /// <summary>One of a few words, without a default and without the environment; null after an error.</summary>
    public string? RequiredChoice(string name, IReadOnlyList<string> words)
    {
        known.Add(name);
        var expected = Shown.Either(words);
        if (Find(name) is not { } node)
            Fail(name, $"is missing; expected {expected}");
        else if (node is not YamlScalar scalar)
            WrongType(node, PathOf(name), expected);
        else if (words.Contains(scalar.Value))
            return scalar.Value;
        else
            Wrong(scalar, PathOf(name), $"is not valid; expected {expected}", Suggestion.DidYouMean(scalar.Value, words));
        return null;
    }

    private T Bounded<T>(
        string name, string type, string expected, T fallback, T min, T max, Parse<T> parse, Func<T, string> format, string meaning, string? shownDefault = null)
        where T : IComparable<T>
    {
        var bounds = $"{format(min)} to {format(max)}";
        Describe(name, type, shownDefault ?? format(fallback), bounds, meaning);
        if (Find(name) is not { } node || ReadScalar(node, PathOf(name), expected) is not { } text)
            return fallback;
        if (!parse(text, out var value))
            Wrong((YamlScalar)node, PathOf(name), "is not " + expected, "");
        else if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
            Wrong((YamlScalar)node, PathOf(name), "is out of range", $"; expected {bounds}");
        else
        {
            if (value.CompareTo(fallback) != 0)
                scope.Differs(PathOf(name), format(value));
            return value;
        }
        return fallback;
    }

    /// <summary>The text where the node holds any; a rule that it breaks is reported. Null after an error of type.</summary>
    private string? ReadText(YamlNode node, string at, TextRule rule)
    {
        if (node is YamlScalar { IsPlain: true } plain && PlainType.Of(plain.Value) is { } type)
        {
            scope.Errors.Add(node.Place, at, plain.Value, $"{Shown.Plain(plain.Value)} is a {type}; put it in quotes to make it text");
            return null;
        }
        if (ReadScalar(node, at, rule.Expected, rule.IsSecret) is not { } text)
            return null;
        if (rule.Check(text) is { } reason)
        {
            var why = reason.Length == 0 ? "" : ": " + reason;
            Wrong((YamlScalar)node, at, "is not valid" + why, "; expected " + rule.Expected, rule.IsSecret);
        }
        return text;
    }

    /// <summary>The scalar's text with the environment put in; null after an error.</summary>
    private string? ReadScalar(YamlNode node, string at, string expected, bool isSecret = false)
    {
        if (node is not YamlScalar scalar)
        {
            WrongType(node, at, expected);
            return null;
        }
        var text = scope.Interpolation.Expand(scalar.Value, out var problem);
        if (text is null)
            scope.Errors.Add(node.Place, at, isSecret ? Secret.MaskUri(scalar.Value) : scalar.Value, problem);
        return text;
    }

    private void Wrong(YamlScalar scalar, string at, string what, string expected, bool isSecret = false)
    {
        var shown = isSecret ? Secret.MaskUri(scalar.Value) : scalar.Value;
        scope.Errors.Add(scalar.Place, at, shown, $"{Shown.Quoted(shown)} {what}{expected}");
    }
}

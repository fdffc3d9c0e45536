namespace Tributary.Discovery.Declarations;

/// <summary>Reads <c>k1=v1,k2=v2</c>. Keys that the platform itself writes cannot be taken.</summary>
internal static class TagList
{
    private const int TagsMax = 32;
    private const int KeyLengthMax = 128;
    private const int ValueLengthMax = 1024;

    private static readonly string[] s_reserved = ["k8s.", "container.", "host.", "log.", "tributary."];

    /// <summary>The good pairs; <paramref name="problem"/> says what is wrong with the others, without showing a value.</summary>
    public static IReadOnlyDictionary<string, string> Parse(string text, out string? problem)
    {
        var tags = new SortedDictionary<string, string>(StringComparer.Ordinal);
        problem = null;
        foreach (var pair in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var key = equals > 0 ? pair[..equals].TrimEnd() : "";
            var value = equals > 0 ? pair[(equals + 1)..].TrimStart() : "";
            var fault = Fault(key, value, tags);
            if (fault is null)
            {
                tags[key] = value;
            }
            else
            {
                problem ??= fault;
            }
        }

        return tags;
    }

    private static string? Fault(string key, string value, SortedDictionary<string, string> tags) => key switch
    {
        _ when !IsKey(key) => "a tag is not of the form key=value with a key of letters, digits and . _ - /",
        _ when s_reserved.Any(r => key.StartsWith(r, StringComparison.Ordinal)) => $"tag '{key}' takes a name that the platform itself writes",
        _ when value.Length > ValueLengthMax => $"the value of tag '{key}' is longer than {ValueLengthMax} characters",
        _ when tags.Count >= TagsMax && !tags.ContainsKey(key) => $"there are more than {TagsMax} tags",
        _ => null,
    };

    private static bool IsKey(string key) =>
        key.Length is > 0 and <= KeyLengthMax
        && char.IsAsciiLetterOrDigit(key[0])
        && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/');
}

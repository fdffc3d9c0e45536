using System.Text.RegularExpressions;

namespace Tributary.Config;

/// <summary>Chooses containers: those that meet every condition that is written; without any, all of them.</summary>
public sealed record ContainerSelector
{
    private static readonly TextRule Pattern = LinearPattern.Rule with { Check = Check };

    private static readonly SortedDictionary<string, string> NoLabels = [];

    /// <summary>Matches the container's whole name (without a leading slash), in linear time; null for any.</summary>
    public Regex? Container { get; init; }

    /// <summary>Labels that the container must have; an empty value asks only that the key is there.</summary>
    public IReadOnlyDictionary<string, string> ContainerLabels { get; init; } = NoLabels;

    /// <summary>The namespace that owns the container; empty for any.</summary>
    public string Namespace { get; init; } = "";

    internal static ContainerSelector Read(MappingReader selector)
    {
        selector.Refuse("podLabels", "labels of pods come in a later version; expected container, containerLabels or namespace");
        var pattern = selector.Text("container", "", Pattern, "Matches the container's whole name, without a leading slash.", "any name");
        return new()
        {
            Container = pattern.Length > 0 && Check(pattern) is null ? Anchored(pattern) : null,
            ContainerLabels = selector.TextMap("containerLabels", "Labels that the container has; an empty value asks only that the label is there."),
            Namespace = selector.Text("namespace", "", Names.Label, "The namespace that owns the container.", "any namespace"),
        };
    }

    private static Regex Anchored(string pattern) =>
        new($@"\A(?:{pattern})\z", LinearPattern.Options);

    /// <summary>The whole expression is larger than the one written, so it is tried as well.</summary>
    private static string? Check(string pattern) =>
        LinearPattern.Problem(pattern) ?? LinearPattern.ProblemOfAnyLength($@"\A(?:{pattern})\z");
}

using Tributary.Contracts;

namespace Tributary.Discovery.Catalog;

/// <summary>Compares what is known of a container by content, its generation left out.</summary>
internal static class ContainerContent
{
    public static bool Same(ContainerInfo left, ContainerInfo right) =>
        // The lists are compared by content below; made equal, the record compares the rest.
        left with { Generation = 0, Attributes = right.Attributes, Sources = right.Sources } == right with { Generation = 0 }
        && Same(left.Attributes, right.Attributes)
        && left.Sources.Count == right.Sources.Count
        && left.Sources.Zip(right.Sources).All(pair => Same(pair.First, pair.Second));

    private static bool Same(LogSource left, LogSource right) =>
        left with { Streams = right.Streams, Tags = right.Tags } == right
        && left.Streams.SequenceEqual(right.Streams, StringComparer.Ordinal)
        && Same(left.Tags, right.Tags);

    private static bool Same(IReadOnlyDictionary<string, string> left, IReadOnlyDictionary<string, string> right) =>
        left.Count == right.Count && left.All(pair => right.TryGetValue(pair.Key, out var value) && value == pair.Value);
}

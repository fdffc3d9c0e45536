using Tributary.Contracts.Batches;

namespace Tributary.Collector.Spooling;

/// <summary>What a spool holds, read beside the process that uses it or without one. Nothing is changed.</summary>
internal sealed record SpoolContent(string Path, long Bytes, IReadOnlyList<SpooledBatch> Batches, string? Problem)
{
    /// <summary>The segments of a folder, oldest first. One that is deleted meanwhile, as its batches were confirmed, is left out.</summary>
    /// <exception cref="IOException">The folder or a segment cannot be read.</exception>
    public static IEnumerable<SpoolContent> Of(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, SpoolSegment.Pattern).Order(StringComparer.Ordinal).ToArray())
        {
            if (TryRead(path) is { } content)
            {
                yield return content;
            }
        }
    }

    private static SpoolContent? TryRead(string path)
    {
        try
        {
            var batches = new List<SpooledBatch>();
            var (end, problem) = SpoolSegment.Scan(path, (_, sequence, _, batch) =>
                batches.Add(new SpooledBatch(sequence, batch.Target, batch.Records, batch.Content.Length, batch.Sources)));
            return new SpoolContent(path, end, batches, problem);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}

/// <summary>One batch of a <see cref="SpoolContent"/>.</summary>
/// <param name="Sequence">Its number in the spool.</param>
/// <param name="Target">Where it goes.</param>
/// <param name="Records">How many records it holds.</param>
/// <param name="Bytes">Bytes of its body, compressed.</param>
/// <param name="Sources">The ranges of the sources' bytes.</param>
internal sealed record SpooledBatch(long Sequence, string Target, int Records, int Bytes, IReadOnlyList<SourceRange> Sources);

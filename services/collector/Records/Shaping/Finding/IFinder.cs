namespace Tributary.Collector.Records.Shaping.Finding;

/// <summary>Finds one kind of text that is to be hidden, in time linear in the text. Not thread-safe.</summary>
internal interface IFinder
{
    /// <summary>Adds the pieces found, in order, none empty and no two overlapping.</summary>
    void FindAll(ReadOnlySpan<byte> text, List<Slice> found);
}

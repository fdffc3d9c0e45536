namespace Tributary.Collector.Records.Shaping.Finding;

/// <summary>What a regular expression matches.</summary>
internal sealed class PatternFinder(string pattern) : IFinder
{
    private readonly BytePattern _pattern = new(pattern);

    public void FindAll(ReadOnlySpan<byte> text, List<Slice> found) => _pattern.FindAll(text, found);
}

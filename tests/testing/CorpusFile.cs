using Tributary.Contracts;
namespace Tributary.Testing;

/// <summary>A written corpus: <paramref name="Records"/> numbers from <paramref name="First"/>, in <paramref name="Lines"/> lines.</summary>
public sealed record CorpusFile(string Path, LogFormat Format, long Lines, long First, long Records, long Bytes)
{
    /// <summary>An empty set that expects each of the records once.</summary>
    public SequenceSet Expected() => new(First, Records);
}

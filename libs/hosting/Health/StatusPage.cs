namespace Tributary.Hosting.Health;

/// <summary>What <c>/status</c> shows, as JSON.</summary>
/// <param name="Render">Given the most entries of a list that are wanted.</param>
public sealed record StatusPage(Func<int, byte[]> Render)
{
    /// <summary>Entries without a wish.</summary>
    public const int EntriesDefault = 1000;

    /// <summary>The most entries.</summary>
    public const int EntriesMax = 10_000;
}

namespace Tributary.Collector.Feeds;

/// <summary>One entry of a feed, as its reader took it apart.</summary>
/// <param name="Position">Where it stands in the feed: grows with each entry, and is the second half of its record's uid.</param>
/// <param name="Cursor">Where reading goes on after it.</param>
/// <param name="TimeUnixNano">When it was written; 0 when unknown.</param>
/// <param name="SeverityNumber">OTel's 1 to 24; 0 when unknown.</param>
/// <param name="Body">The message.</param>
/// <param name="Attributes">Name and text of each.</param>
internal sealed record FeedEntry(
    long Position, string Cursor, ulong TimeUnixNano, int SeverityNumber, byte[] Body, IReadOnlyList<(byte[] Key, byte[] Text)> Attributes)
{
    /// <summary>Bytes that it holds while it waits, about.</summary>
    public int Bytes => Body.Length + Attributes.Sum(a => a.Key.Length + a.Text.Length) + 200;
}

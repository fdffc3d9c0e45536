namespace Tributary.Collector.Feeds;

/// <summary>Reads one feed of the host: the journal, or the kernel's ring.</summary>
internal interface IFeedReader
{
    /// <summary>
    /// Reads from after <paramref name="cursor"/> and goes on as entries come, until stopped. Blocks; runs on a thread of
    /// its own.
    /// </summary>
    /// <param name="cursor">Of the last entry that was delivered; null begins where the feed is declared to.</param>
    /// <param name="position">The position that the next entry gets where the feed has no numbers of its own.</param>
    /// <param name="take">Takes an entry; waits while there is no room. False when the reader is to end.</param>
    /// <param name="stopping">Ends the reading within a second.</param>
    /// <exception cref="IOException">The feed cannot be read; it is tried again.</exception>
    void Read(string? cursor, long position, Func<FeedEntry, bool> take, CancellationToken stopping);

    /// <summary>What tells this feed from another in the same place, such as the boot that a ring belongs to; a change starts a new source id.</summary>
    /// <exception cref="IOException">It cannot be told now.</exception>
    string Identity();
}

namespace Tributary.Collector.Tailing;

/// <summary>
/// Looks into compressed files beside the loop, one after another, each once it has stopped growing. What is found is
/// kept until the file changes. A file that is not whole is waited for, up to
/// <see cref="CollectorOptions.CompressedWaitMax"/>. Touched by the tail loop alone, but for the passes.
/// </summary>
internal sealed class CompressedFiles(CollectorOptions options, TimeProvider time) : IDisposable
{
    /// <summary>Files remembered; beyond it all are looked into again.</summary>
    private const int EntriesMax = 10_000;

    private readonly Dictionary<FileKey, Entry> _entries = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _last = Task.CompletedTask;

    /// <summary>What is known of the file; null while it is not known, or not whole and still waited for.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="stat">Which it is.</param>
    /// <param name="tails">What to look for in it.</param>
    public GzipFacts? Examine(string path, FileStat stat, IReadOnlySet<TailMark> tails)
    {
        if (!_entries.TryGetValue(stat.Key, out var entry) || entry.Size != stat.Size || entry.ModifiedAt != stat.ModifiedAt)
        {
            if (_entries.Count >= EntriesMax)
            {
                _entries.Clear();
            }

            // The next look sees whether it still grows.
            _entries[stat.Key] = new Entry(stat.Size, stat.ModifiedAt, time.GetTimestamp());
            return null;
        }

        if (entry.Pass is null || (entry.Pass.IsCompletedSuccessfully && !tails.IsSubsetOf(entry.Pass.Result.Asked)))
        {
            entry.Pass = PassAsync(_last, path, stat.Key, tails);
            _last = entry.Pass;
        }

        if (!entry.Pass.IsCompletedSuccessfully)
        {
            return null;
        }

        var facts = entry.Pass.Result;
        return facts.IsWhole || time.GetElapsedTime(entry.Since) >= options.CompressedWaitMax ? facts : null;
    }

    /// <summary>Whether a pass found that it is not whole as it is now.</summary>
    public bool IsTorn(FileKey file) =>
        _entries.TryGetValue(file, out var entry) && entry.Pass is { IsCompletedSuccessfully: true, Result.IsWhole: false };

    /// <summary>True the first time that a file is given up.</summary>
    public bool GiveUp(FileKey file)
    {
        if (!_entries.TryGetValue(file, out var entry) || entry.GivenUp)
        {
            return false;
        }

        return entry.GivenUp = true;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task<GzipFacts> PassAsync(Task before, string path, FileKey key, IReadOnlySet<TailMark> tails)
    {
        var stopping = _stop.Token;
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        return GzipFacts.Read(path, key, tails, stopping);
    }

    private sealed class Entry(long size, long modifiedAt, long since)
    {
        public long Size => size;

        public long ModifiedAt => modifiedAt;

        /// <summary>When it was first seen so, by the monotonic clock.</summary>
        public long Since => since;

        public Task<GzipFacts>? Pass { get; set; }

        public bool GivenUp { get; set; }
    }
}

using Microsoft.Extensions.Logging;
using Tributary.Collector.Batching;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Feeds.Journal;
using Tributary.Collector.Feeds.Kernel;
using Tributary.Collector.Records;
using Tributary.Hosting;

namespace Tributary.Collector.Feeds;

/// <summary>
/// The feeds of this host. Each is read on a thread of its own into a bounded queue; the tail loop takes from the queues.
/// A feed that cannot be read is tried again with back-off and harms no other.
/// </summary>
internal sealed partial class FeedSet(
    IReadOnlyList<FeedSource> sources,
    CollectorOptions options,
    NodeOptions node,
    KnownFiles known,
    RuleCatalog rules,
    CollectorMetrics metrics,
    TimeProvider time,
    ILogger<FeedSet> logger) : IDisposable
{
    private const int QueueBytesMax = 1024 * 1024;

    private static readonly TimeSpan RetryMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(30);

    private readonly LogRecord _record = new();
    private readonly List<Feed> _feeds = [];
    private readonly List<Task> _reading = [];
    private readonly CancellationTokenSource _stop = new();

    public IReadOnlyList<Feed> All => _feeds;

    /// <summary>Takes up each feed where its checkpoint is and begins to read.</summary>
    /// <param name="wake">Called from a reader's thread when there is something to take.</param>
    public void Start(Action wake)
    {
        foreach (var source in sources)
        {
            IFeedReader reader = source switch
            {
                JournalSource journal => new JournalReader(journal, options, metrics, logger),
                KernelSource kernel => new KernelReader(kernel, metrics, time, logger),
                _ => throw new NotSupportedException($"No reader for {source.GetType().Name}."),
            };
            var feed = new Feed(source, Identity(reader, source), known.TakeFeed(source.Key, source.Target), node.Name, new FeedQueue(QueueBytesMax, wake), metrics);
            _feeds.Add(feed);
            _reading.Add(Task.Factory.StartNew(() => Read(feed, reader), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }
    }

    /// <summary>Puts what waits into batches; whether there was anything.</summary>
    public bool Take(Func<string, BatchBuilder?> batchFor)
    {
        var progress = false;
        foreach (var feed in _feeds)
        {
            if (feed.Durable && !feed.Queue.IsEmpty && batchFor(feed.Source.Target) is { } batch)
            {
                var observed = (ulong)(time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
                _record.ObservedUnixNano = observed;
                progress |= feed.Take(batch, _record, rules.For(feed.Source.Config), observed, options.ReadBytes);
            }
        }

        return progress;
    }

    /// <summary>Ends the readers; what they read and no batch took is read again at the next start.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_reading);
    }

    public void Dispose()
    {
        _feeds.ForEach(f => f.Queue.Dispose());
        _stop.Dispose();
    }

    private string Identity(IFeedReader reader, FeedSource source)
    {
        try
        {
            return reader.Identity();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogFailed(logger, source.DisplayName, e.Message, RetryMin.TotalSeconds);
            return "unknown";
        }
    }

    private void Read(Feed feed, IFeedReader reader)
    {
        var (cursor, position) = feed.Resume;
        var wait = RetryMin;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                reader.Read(cursor, position, Take, _stop.Token);
            }
            catch (Exception e)
            {
                metrics.FileError("feed");
                if (feed.Problem != e.Message)
                {
                    feed.Problem = e.Message;
                    LogFailed(logger, feed.Source.DisplayName, e.Message, wait.TotalSeconds);
                }

                _stop.Token.WaitHandle.WaitOne(wait);
                wait = wait * 2 < RetryMax ? wait * 2 : RetryMax;
            }
        }

        bool Take(FeedEntry entry)
        {
            if (!feed.Queue.Add(entry, _stop.Token))
            {
                return false;
            }

            feed.Problem = null;
            wait = RetryMin;
            (cursor, position) = (entry.Cursor, entry.Position + 1);
            return true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source} is not read: {Problem} Trying again in {Seconds:F0} s, then less often.")]
    private static partial void LogFailed(ILogger logger, string source, string problem, double seconds);
}

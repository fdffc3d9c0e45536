using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.Logging;
using Tributary.Contracts;
using Tributary.Discovery.Catalog;

namespace Tributary.Discovery.Publishing;

/// <summary>
/// Publishes this node's changes and snapshots, in order, from one bounded queue and one loop. While the broker is away
/// publishing waits. A change that finds the queue full, or whose publishing failed, is dropped and counted, and a
/// snapshot is published in its place: it says the same, later.
/// </summary>
internal sealed partial class LifecyclePublisher
{
    private readonly Channel<ContainerChange> _queue;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly IBus _bus;
    private readonly DiscoveryOptions _options;
    private readonly string _node;
    private readonly DiscoveryMetrics _metrics;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private Task<bool>? _waiting;
    private long _snapshotAt;
    private bool _snapshotWanted;

    public LifecyclePublisher(
        IBus bus, DiscoveryOptions options, string node, DiscoveryMetrics metrics, ILogger<LifecyclePublisher> log, TimeProvider time)
    {
        _bus = bus;
        _options = options;
        _node = node;
        _metrics = metrics;
        _log = log;
        _time = time;
        _queue = Channel.CreateBounded<ContainerChange>(options.EventsQueuedMax);
        _snapshotAt = time.GetTimestamp();
    }

    /// <summary>Never waits.</summary>
    public void Enqueue(ContainerChange change)
    {
        if (!_queue.Writer.TryWrite(change))
        {
            _metrics.EventCoalesced();
            RequestSnapshot();
        }

        _wake.Writer.TryWrite(true);
    }

    /// <summary>A snapshot is published soon; further requests until then are the same one.</summary>
    public void RequestSnapshot()
    {
        Volatile.Write(ref _snapshotWanted, true);
        _wake.Writer.TryWrite(true);
    }

    /// <param name="look">What is known now; null while the node was not seen completely: then no snapshot is sent.</param>
    /// <param name="cancel">Ends the loop.</param>
    public async Task RunAsync(Func<NodeState?> look, CancellationToken cancel)
    {
        var backoff = new Backoff(_options.ReconnectDelayMin, _options.ReconnectDelayMax);
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await PublishSnapshotAsync(look, cancel);
                await PublishChangesAsync(cancel);
                backoff.Reset();
                await WaitAsync(cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                LogFailed(_log, e);
                _metrics.PublishFailed();
                RequestSnapshot();
                await Task.Delay(backoff.Next(), _time, cancel);
            }
        }
    }

    private async Task PublishSnapshotAsync(Func<NodeState?> look, CancellationToken cancel)
    {
        var due = _time.GetElapsedTime(_snapshotAt) >= _options.ListInterval;
        if (!Interlocked.Exchange(ref _snapshotWanted, false) && !due)
        {
            return;
        }

        _snapshotAt = _time.GetTimestamp();
        if (look() is { } state)
        {
            foreach (var chunk in ControlMessages.Snapshot(_node, state, _time.GetUtcNow()))
            {
                await PublishAsync(chunk, cancel);
            }
        }
    }

    /// <summary>At most what fits the queue, so that a snapshot is never put off for long.</summary>
    private async Task PublishChangesAsync(CancellationToken cancel)
    {
        for (var left = _options.EventsQueuedMax; left > 0 && _queue.Reader.TryRead(out var change); left--)
        {
            var now = _time.GetUtcNow();
            await (change.Container.State switch
            {
                ContainerState.Running => PublishAsync(ControlMessages.Started(_node, change.Container, now), cancel),
                ContainerState.Stopped => PublishAsync(ControlMessages.Stopped(_node, change.Container, now), cancel),
                _ => PublishAsync(ControlMessages.Removed(_node, change.Container, now), cancel),
            });
        }
    }

    private async Task PublishAsync<T>(T message, CancellationToken cancel)
        where T : class
    {
        await _bus.Publish(message, context => context.TrySetRoutingKey(_node), cancel);
        _metrics.Published(typeof(T).Name);
    }

    private async Task WaitAsync(CancellationToken cancel)
    {
        if (_queue.Reader.Count > 0)
        {
            return;
        }

        _waiting ??= _wake.Reader.WaitToReadAsync(cancel).AsTask();
        var untilSnapshot = _options.ListInterval - _time.GetElapsedTime(_snapshotAt);
        try
        {
            await _waiting.WaitAsync(untilSnapshot > TimeSpan.Zero ? untilSnapshot : TimeSpan.Zero, _time, cancel);
            _wake.Reader.TryRead(out _);
            _waiting = null;
        }
        catch (TimeoutException)
        {
            // The next snapshot is due.
        }
    }

    [LoggerMessage(1501, LogLevel.Warning, "Publishing failed; a snapshot follows in its place")]
    private static partial void LogFailed(ILogger log, Exception error);
}

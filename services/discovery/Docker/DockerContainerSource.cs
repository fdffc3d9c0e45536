using Microsoft.Extensions.Logging;
using Tributary.Discovery.Containers;
using Tributary.Docker;

namespace Tributary.Discovery.Docker;

/// <summary>
/// This node's containers as Docker tells them. A session subscribes to events, lists everything, then looks at each
/// container that an event names, with a full list every interval. An event only says where to look; what is reported
/// is always what inspect answers, so events may repeat, be lost or come late. A list that fails ends the session;
/// a container whose inspect fails stays as it was known.
/// </summary>
internal sealed partial class DockerContainerSource : IContainerSource, IDisposable
{
    private const int PendingLooksMax = 10_000;

    private static readonly TimeSpan s_wakeInterval = TimeSpan.FromSeconds(5);

    private static readonly Dictionary<string, IReadOnlyList<string>> s_filters = new()
    {
        ["type"] = ["container"],
        ["event"] = ["create", "start", "die", "destroy", "rename", "update"],
    };

    private readonly DockerClient _client;
    private readonly DiscoveryHealth _health;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly ContainerInspector _inspector;
    private readonly TimeSpan _listInterval;

    /// <summary>By the engine's id, which is not always the container's own.</summary>
    private Dictionary<string, ContainerFacts> _known = new(StringComparer.Ordinal);

    private long _lastEventNano;

    public DockerContainerSource(
        DiscoveryOptions options, string node, DiscoveryHealth health, DiscoveryMetrics metrics,
        ILogger<DockerContainerSource> log, TimeProvider time)
    {
        _client = new DockerClient(options.Docker, time);
        _listInterval = options.ListInterval;
        _inspector = new ContainerInspector(_client, options.InspectTimeout, node, health, metrics, log, time);
        _health = health;
        _log = log;
        _time = time;
    }

    public string Name => SourceNames.Docker;

    public async Task RunAsync(Action<SourceReport> report, CancellationToken cancel)
    {
        var ping = await _client.PingAsync(cancel);
        using var session = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var pending = new PendingLooks(PendingLooksMax);
        var events = ReadEventsAsync(Since(ping), pending, session.Token);
        try
        {
            await FollowAsync(report, pending, events, ping, cancel);
        }
        finally
        {
            await session.CancelAsync();
            await events.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task FollowAsync(
        Action<SourceReport> report, PendingLooks pending, Task events, DockerPing ping, CancellationToken cancel)
    {
        await ListAsync(report, afterGap: true, cancel);
        LogFollowing(_log, $"{ping.ApiVersion}", _known.Count);
        var listed = _time.GetTimestamp();
        while (true)
        {
            _health.Tick(Name);
            await WaitAsync(pending, _listInterval - _time.GetElapsedTime(listed), cancel);
            var (ids, overflowed) = pending.TakeAll();
            if (overflowed || _time.GetElapsedTime(listed) >= _listInterval)
            {
                await ListAsync(report, afterGap: false, cancel);
                listed = _time.GetTimestamp();
            }
            else
            {
                await LookAsync(ids, report, cancel);
            }

            if (events.IsCompleted)
            {
                await events;
                return;
            }
        }
    }

    private async Task WaitAsync(PendingLooks pending, TimeSpan untilList, CancellationToken cancel)
    {
        var wait = TimeSpan.FromTicks(Math.Clamp(untilList.Ticks, 0, s_wakeInterval.Ticks));
        try
        {
            await pending.Changed.WaitAsync(wait, _time, cancel);
        }
        catch (TimeoutException)
        {
            // Nothing happened; the loop has shown that it runs.
        }
    }

    /// <summary>The engine's own clock says from where; a cursor ahead of it belongs to another engine.</summary>
    private long? Since(DockerPing ping)
    {
        long? now = ping.Time is { } time ? time.ToUnixTimeSeconds() * 1_000_000_000 : null;
        return _lastEventNano == 0 ? now : Math.Min(_lastEventNano, now ?? long.MaxValue);
    }

    private async Task ReadEventsAsync(long? since, PendingLooks pending, CancellationToken cancel)
    {
        try
        {
            await foreach (var message in _client.EventsAsync(since, filters: s_filters, cancel: cancel))
            {
                _lastEventNano = message.TimeNano;
                if (message.Type == "container" && message.Actor.ID.Length > 0)
                {
                    pending.Add(message.Actor.ID);
                }
            }
        }
        finally
        {
            pending.Wake();
        }
    }

    private async Task ListAsync(Action<SourceReport> report, bool afterGap, CancellationToken cancel)
    {
        var listed = await _client.ListContainersAsync(all: true, cancel);
        var looked = await _inspector.InspectAsync(listed.Select(c => c.ID), mustAnswer: true, cancel);
        var view = new Dictionary<string, ContainerFacts>(StringComparer.Ordinal);
        foreach (var id in listed.Select(c => c.ID))
        {
            // Not in looked: inspect failed, so it stays as it was known. Null: it went away meanwhile.
            var facts = looked.TryGetValue(id, out var found) ? found : _known.GetValueOrDefault(id);
            if (facts is not null)
            {
                view[id] = facts;
            }
        }

        _known = view;
        _inspector.ForgetAllBut(listed.Select(c => c.ID));
        report(new FullView(view.Values, afterGap));
    }

    private async Task LookAsync(IReadOnlyList<string> ids, Action<SourceReport> report, CancellationToken cancel)
    {
        // What does not answer here is looked at again by the next list; that the engine is gone shows in its events.
        foreach (var (id, facts) in await _inspector.InspectAsync(ids, mustAnswer: false, cancel))
        {
            if (facts is not null)
            {
                _known[id] = facts;
                report(new OneContainer(facts));
            }
            else if (_known.Remove(id, out var gone))
            {
                report(new OneGone(gone.Id));
            }
        }
    }

    [LoggerMessage(1101, LogLevel.Information, "Following Docker over API {Version}: {Containers} containers")]
    private static partial void LogFollowing(ILogger log, string version, int containers);
}

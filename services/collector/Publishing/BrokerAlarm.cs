using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Tributary.Collector.Publishing;

/// <summary>
/// Whether the broker holds back publishers (memory or disk alarm), and for how long it did since the process started.
/// Told by the connection that consumes and publishes. Batches wait in the window meanwhile: nothing is refused, nothing
/// lost, and the collector stays ready. Safe from any thread.
/// </summary>
internal sealed partial class BrokerAlarm(TimeProvider time, ILogger<BrokerAlarm> logger)
{
    private readonly Lock _lock = new();
    private readonly WeakReference<IConnection?> _watched = new(null);
    private TimeSpan _before;
    private long? _since;

    public bool IsBlocked
    {
        get
        {
            lock (_lock)
            {
                return _since is not null;
            }
        }
    }

    /// <summary>Time blocked, up to now.</summary>
    public TimeSpan Total
    {
        get
        {
            lock (_lock)
            {
                return _before + (_since is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero);
            }
        }
    }

    /// <summary>Listens to the connection, once, however often it is handed over.</summary>
    public void Watch(IConnection connection)
    {
        lock (_lock)
        {
            if (_watched.TryGetTarget(out var watched) && ReferenceEquals(watched, connection))
            {
                return;
            }

            _watched.SetTarget(connection);
        }

        connection.ConnectionBlockedAsync += (_, blocked) =>
        {
            Begin(blocked.Reason);
            return Task.CompletedTask;
        };
        connection.ConnectionUnblockedAsync += (_, _) => EndAsync();
        connection.ConnectionShutdownAsync += (_, _) => EndAsync();
    }

    private void Begin(string reason)
    {
        lock (_lock)
        {
            if (_since is not null)
            {
                return;
            }

            _since = time.GetTimestamp();
        }

        LogBlocked(logger, reason);
    }

    private Task EndAsync()
    {
        TimeSpan took;
        lock (_lock)
        {
            if (_since is not { } since)
            {
                return Task.CompletedTask;
            }

            took = time.GetElapsedTime(since);
            _before += took;
            _since = null;
        }

        LogUnblocked(logger, took.TotalSeconds);
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker blocks publishers ({Reason}). Batches wait, then reading pauses; nothing is lost.")]
    private static partial void LogBlocked(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The broker takes batches again; it blocked for {Seconds:F1} s.")]
    private static partial void LogUnblocked(ILogger logger, double seconds);
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Tributary.Collector.Tailing;

/// <summary>
/// Says which file may have been written, sooner than the next poll would see it. Polling is the truth: a folder that cannot
/// be watched, an overflow, a network file system or a lost event cost latency and nothing else. A watch fires once and is
/// set again when its source was read to the end, so a busy writer makes no stream of events. All but the kernel's queue
/// is the tail loop's.
/// </summary>
internal sealed partial class ChangeHints(CollectorMetrics metrics, TimeProvider time, ILogger<ChangeHints> logger) : IDisposable
{
    /// <summary>The least time between two hints of one folder.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private const int WaitingMax = 10_000;

    /// <summary>In a folder with more files the poll finds what was written while the folder was not watched.</summary>
    private const int MeasuredMax = 64;

    private static readonly TimeSpan ReadTimeout = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RefusedFor = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<InotifyEvent> _events = new();
    private readonly Dictionary<string, Folder> _folders = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Folder> _byWatch = [];
    private readonly Dictionary<FollowedSource, (Folder Folder, string Name, FileKey File)> _places = [];
    private readonly CancellationTokenSource _stop = new();
    private Inotify? _inotify;
    private Task _reading = Task.CompletedTask;
    private volatile bool _lost;
    private bool _refusedReported;

    /// <summary>Begins to listen; where the kernel refuses, it is said once and polling does alone.</summary>
    /// <param name="wake">Called from another thread when there is a hint.</param>
    public void Start(Action wake)
    {
        _inotify = Inotify.Open(out var error);
        if (_inotify is null)
        {
            Refused("(instance)", error);
            return;
        }

        var inotify = _inotify;
        _reading = Task.Factory.StartNew(() => Listen(inotify, wake), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Watches the folder of a source that was read to its end, unless it is watched or fired a moment ago.</summary>
    /// <param name="source">The source.</param>
    /// <param name="measure">Told, once a folder is watched again, of its sources: what was written before that gave no hint.</param>
    /// <returns>Whether it is to be called again soon.</returns>
    public bool Arm(FollowedSource source, Action<FollowedSource> measure)
    {
        if (_inotify is null || source.Current is not { } current)
        {
            return false;
        }

        if (!_places.TryGetValue(source, out var place) || place.File != current.Key)
        {
            Forget(source);
            if (RealPath(source.Spec.Path) is not { } path)
            {
                return false;
            }

            var name = Path.GetFileName(path);
            var folder = FolderOf(Path.GetDirectoryName(path) ?? "/");
            folder.Sources.TryAdd(name, []);
            folder.Sources[name].Add(source);
            _places[source] = place = (folder, name, current.Key);
        }

        return Arm(place.Folder, measure);
    }

    /// <summary>The source is not followed any more.</summary>
    public void Forget(FollowedSource source)
    {
        if (!_places.Remove(source, out var place) || !place.Folder.Sources.TryGetValue(place.Name, out var named))
        {
            return;
        }

        named.Remove(source);
        if (named.Count == 0)
        {
            place.Folder.Sources.Remove(place.Name);
        }

        if (place.Folder.Sources.Count == 0)
        {
            _folders.Remove(place.Folder.Path);
        }
    }

    /// <summary>Takes what came: each source once. False in <paramref name="complete"/> when events were lost.</summary>
    public HashSet<FollowedSource> Take(out bool complete)
    {
        complete = !_lost;
        if (_lost)
        {
            _lost = false;
            metrics.HintsLost();

            // That a watch fired may be among what was lost: all are set again.
            _byWatch.Clear();
            foreach (var folder in _folders.Values)
            {
                folder.Watch = -1;
            }
        }

        var hinted = new HashSet<FollowedSource>();
        while (_events.TryDequeue(out var happened))
        {
            // The first event ends the watch; that the kernel says so too may come later.
            if (!_byWatch.Remove(happened.Watch, out var folder))
            {
                continue;
            }

            folder.FiredAt = time.GetTimestamp();
            folder.Watch = -1;

            hinted.UnionWith(folder.Sources.GetValueOrDefault(happened.Name) ?? []);
        }

        return hinted;
    }

    public bool IsEmpty => _events.IsEmpty && !_lost;

    /// <summary>Ends the listening.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        _inotify?.End();
        await _reading;
    }

    public void Dispose()
    {
        _inotify?.Dispose();
        _stop.Dispose();
    }

    private bool Arm(Folder folder, Action<FollowedSource> measure)
    {
        if (folder.Watch >= 0)
        {
            return false;
        }

        var since = folder.FiredAt == 0 ? TimeSpan.MaxValue : time.GetElapsedTime(folder.FiredAt);
        if (since < (folder.IsRefused ? RefusedFor : Interval))
        {
            return !folder.IsRefused;
        }

        var watch = _inotify!.Watch(folder.Path, out var error);
        folder.IsRefused = watch == -1;
        folder.FiredAt = watch < 0 ? time.GetTimestamp() : folder.FiredAt;
        if (watch == -1)
        {
            Refused(folder.Path, error);
        }
        else if (watch >= 0)
        {
            folder.Watch = watch;
            _byWatch[watch] = folder;
            if (folder.Sources.Count <= MeasuredMax)
            {
                folder.Sources.Values.SelectMany(s => s).ToList().ForEach(measure);
            }
        }

        return false;
    }

    private Folder FolderOf(string path) =>
        _folders.TryGetValue(path, out var folder) ? folder : _folders[path] = new Folder(path);

    private void Listen(Inotify inotify, Action wake)
    {
        while (!_stop.IsCancellationRequested)
        {
            inotify.Read(ReadTimeout, happened =>
            {
                if (happened.Overflowed || _events.Count >= WaitingMax)
                {
                    _lost = true;
                }
                else
                {
                    _events.Enqueue(happened);
                }
            });
            if (!IsEmpty)
            {
                wake();
            }
        }
    }

    private void Refused(string folder, string error)
    {
        metrics.HintsRefused();
        if (!_refusedReported)
        {
            _refusedReported = true;
            LogRefused(logger, folder, error);
        }
    }

    private static string? RealPath(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The kernel refuses to watch {Folder}: {Error} Changes are seen by polling alone, a little later. Raise fs.inotify.max_user_watches or max_user_instances.")]
    private static partial void LogRefused(ILogger logger, string folder, string error);

    /// <summary>A watched folder, and the sources in it by the name of their file.</summary>
    private sealed class Folder(string path)
    {
        public string Path => path;

        public Dictionary<string, List<FollowedSource>> Sources { get; } = new(StringComparer.Ordinal);

        /// <summary>The watch's number; negative when there is none now.</summary>
        public int Watch { get; set; } = -1;

        public bool IsRefused { get; set; }

        /// <summary>When it last fired or was refused, by the monotonic clock; 0 for never.</summary>
        public long FiredAt { get; set; }
    }
}

using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Tributary.Hosting;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// The right of one process to read a disk that several nodes may reach: a file <c>lease.EPOCH</c> in the disk's checkpoint
/// folder, with node, token and a heartbeat. The greatest epoch counts; it is taken by creating the next one, which only
/// one can. A holder is alive while its file changes, judged by our own monotonic clock, never by times of two machines.
/// Without a renewal for two thirds of the lease time the right is not used, so it ends before another takes it. A file
/// lock, where the file system has one, tells sooner. <see cref="Look"/> may wait for the file system: not for the tail loop.
/// </summary>
internal sealed partial class DiskLease : IDisposable
{
    private const string Prefix = "lease.";

    private readonly string _folder;
    private readonly string _node;
    private readonly TimeSpan _leaseTime;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _token = Guid.NewGuid().ToString("N");
    private SafeFileHandle? _lock;
    private bool _lockTells;
    private byte[]? _observed;
    private long _observedAt;
    private long _beat;
    private long _renewedAt;
    private long _epoch;
    private bool _lapsed;
    private string? _problem;

    public DiskLease(string folder, string node, TimeSpan leaseTime, TimeProvider time, ILogger logger) =>
        (_folder, _node, _leaseTime, _time, _logger) = (folder, node, leaseTime, time, logger);

    /// <summary>Names the running kernel, within which a file lock tells.</summary>
    public string Boot { get; init; } = BootId();

    /// <summary>Of the lease held; 0 when none is. Greater with each holder.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>Whether the disk may be read and its checkpoints be written at this moment. From any thread.</summary>
    public bool IsHeld => Epoch > 0 && _time.GetElapsedTime(Volatile.Read(ref _renewedAt)) < _leaseTime * 2 / 3;

    /// <summary>Why it is not held, as a sentence; null when it is.</summary>
    public string? Problem => IsHeld ? null : Volatile.Read(ref _problem) ?? "its lease could not be renewed in time";

    /// <summary>Times that another took over what was held here.</summary>
    public int Losses { get; private set; }

    /// <summary>Renews the lease, or tries to get it. To be called several times within the lease time.</summary>
    public void Look()
    {
        try
        {
            FolderSync.Make(_folder);
            if (!TryLock())
            {
                Waits("another process of this machine reads it");
                return;
            }

            var (epoch, content) = Newest();
            if (Epoch > 0)
            {
                Keep(epoch, content);
            }
            else if (MayTake(epoch, content))
            {
                Take(epoch + 1);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Waits(e.Message);
        }
    }

    /// <summary>Whether no one has taken over, by the disk itself: to be asked before what must not be done by two.</summary>
    /// <exception cref="IOException">The disk does not answer.</exception>
    public bool IsStillOurs()
    {
        var epoch = Epoch;
        return epoch > 0 && Newest().Epoch == epoch;
    }

    /// <summary>Gives it up, so that the next need not wait.</summary>
    public void Dispose()
    {
        try
        {
            if (Epoch > 0 && IsStillOurs())
            {
                Write(Epoch, released: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ends by itself.
        }

        Volatile.Write(ref _epoch, 0);
        _lock?.Dispose();
    }

    private void Keep(long epoch, byte[]? content)
    {
        if (epoch == Epoch && Field(content, 3) == _token)
        {
            var now = _time.GetTimestamp();
            Write(epoch, released: false);

            // Late: another may be taking over just now. The next look tells.
            _lapsed = !IsHeld && !_lapsed;
            if (!_lapsed)
            {
                Volatile.Write(ref _renewedAt, now);
            }

            return;
        }

        Volatile.Write(ref _epoch, 0);
        Losses++;
        LogLost(_logger, _folder, Field(content, 7) ?? "another node", epoch);
        Observe(content);
        Waits(HeldBy(content, epoch));
    }

    private bool MayTake(long epoch, byte[]? content)
    {
        if (epoch == 0 || Field(content, 5) == "released")
        {
            return true;
        }

        if (_lockTells && Field(content, 6) == Boot)
        {
            // Its holder ran on this machine and has not the lock any more: it ended.
            return true;
        }

        Observe(content);
        if (_time.GetElapsedTime(_observedAt) >= _leaseTime)
        {
            LogExpired(_logger, _folder, Field(content, 7) ?? "another node", epoch);
            return true;
        }

        Waits(HeldBy(content, epoch));
        return false;
    }

    /// <summary>Any change is a sign of life.</summary>
    private void Observe(byte[]? content)
    {
        if (_observed is null || content is null || !content.AsSpan().SequenceEqual(_observed))
        {
            _observed = content;
            _observedAt = _time.GetTimestamp();
        }
    }

    private void Take(long epoch)
    {
        var now = _time.GetTimestamp();
        try
        {
            using var file = File.OpenHandle(PathOf(epoch), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            _beat = 0;
            RandomAccess.Write(file, Content(epoch, released: false), 0);
            RandomAccess.FlushToDisk(file);
        }
        catch (IOException) when (File.Exists(PathOf(epoch)))
        {
            Waits("another node just took it");
            return;
        }

        FolderSync.Sync(_folder);
        if (Newest().Epoch != epoch)
        {
            File.Delete(PathOf(epoch));
            Waits("another node just took it");
            return;
        }

        foreach (var old in Epochs().Where(e => e < epoch))
        {
            File.Delete(PathOf(old));
        }

        _observed = null;
        Volatile.Write(ref _problem, null);
        Volatile.Write(ref _renewedAt, now);
        Volatile.Write(ref _epoch, epoch);
        LogTaken(_logger, _folder, epoch);
    }

    private void Write(long epoch, bool released)
    {
        using var file = File.OpenHandle(PathOf(epoch), FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.Write(file, Content(epoch, released), 0);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Of one length, so that it is written in place on a full disk too.</summary>
    private byte[] Content(long epoch, bool released) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"tributary-lease 1 {epoch} {_token} {++_beat} {(released ? "released" : "held")} {Boot} {_node} {_time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'}").PadRight(511) + "\n");

    private (long Epoch, byte[]? Content) Newest()
    {
        var epoch = Epochs().DefaultIfEmpty(0).Max();
        return (epoch, epoch == 0 ? null : File.ReadAllBytes(PathOf(epoch)));
    }

    private IEnumerable<long> Epochs() =>
        Directory.EnumerateFiles(_folder, Prefix + "*")
            .Select(f => long.TryParse(Path.GetFileName(f).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? epoch : 0);

    private string PathOf(long epoch) => Path.Combine(_folder, Prefix + epoch.ToString(CultureInfo.InvariantCulture));

    private static string? Field(byte[]? content, int index) =>
        content is null ? null : Encoding.ASCII.GetString(content).Split(' ', StringSplitOptions.TrimEntries).ElementAtOrDefault(index);

    private static string HeldBy(byte[]? content, long epoch) =>
        $"node {Field(content, 7) ?? "(unknown)"} reads it (epoch {epoch}); it is taken over when that one gives no sign of life";

    private void Waits(string problem)
    {
        if (Volatile.Read(ref _problem) != problem && !IsHeld)
        {
            LogWaits(_logger, _folder, problem);
        }

        Volatile.Write(ref _problem, problem);
    }

    /// <summary>False when another process of this machine has the lock.</summary>
    private bool TryLock()
    {
        if (_lock is not null)
        {
            return true;
        }

        var path = Path.Combine(_folder, "lease-lock");
        try
        {
            _lock = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == CheckpointStore.EWouldBlock)
        {
            return false;
        }

        try
        {
            // A file system without locks grants it twice: then only the lease tells.
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
        }
        catch (IOException e) when (e.HResult == CheckpointStore.EWouldBlock)
        {
            _lockTells = true;
        }

        return true;
    }

    private static string BootId()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Guid.NewGuid().ToString();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The checkpoints in {Folder} are this node's, epoch {Epoch}.")]
    private static partial void LogTaken(ILogger logger, string folder, long epoch);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The disk of {Folder} is not read now: {Problem}.")]
    private static partial void LogWaits(ILogger logger, string folder, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Holder} gave no sign of life for the lease time in {Folder}, epoch {Epoch}; this node takes over.")]
    private static partial void LogExpired(ILogger logger, string folder, string holder, long epoch);

    [LoggerMessage(Level = LogLevel.Error, Message = "Node {Holder} took over the checkpoints in {Folder}, epoch {Epoch}: nothing of that disk is read or saved here any more.")]
    private static partial void LogLost(ILogger logger, string folder, string holder, long epoch);
}

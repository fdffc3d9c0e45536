using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Tributary.Hosting;
using Tributary.Shipper.Ndjson;

namespace Tributary.Shipper.Outputs;

/// <summary>
/// One target's file of the day. Appends of several batches share a sync. A write that fails leaves nothing behind: the
/// file is cut to its last good length, and the write is tried again until the disk takes it. The file is open only
/// while there is something to write, so that any number of quiet targets holds none. Safe from any thread.
/// </summary>
internal sealed partial class TargetFile(string folder, TimeProvider time, ShipperMetrics metrics, ILogger logger) : IDisposable
{
    private static readonly TimeSpan BackOffMin = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan BackOffMax = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private List<Append> _queue = [];
    private bool _writing;
    private SafeFileHandle? _file;
    private string _path = "";
    private string _day = "";
    private string _synced = "";
    private long _length;
    private bool _disposed;

    /// <summary>Completes when the batch's lines are on the disk; needs it until then.</summary>
    public Task AppendAsync(string day, EncodedBatch batch, CancellationToken stopping)
    {
        var append = new Append(day, batch, stopping);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _queue.Add(append);
            if (!_writing)
            {
                _writing = true;
                _ = Task.Run(WriteQueuedAsync, CancellationToken.None);
            }
        }

        return append.Done.Task;
    }

    /// <summary>What still waits fails; what is being written may be in the file and comes again.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
        }

        _file?.Dispose();
    }

    private async Task WriteQueuedAsync()
    {
        while (true)
        {
            List<Append> appends;
            lock (_lock)
            {
                if (_queue.Count == 0)
                {
                    Close();
                    _writing = false;
                    return;
                }

                appends = _queue;
                _queue = [];
            }

            foreach (var sameDay in appends.GroupBy(a => a.Day))
            {
                await WriteUntilDoneAsync(sameDay.Key, [.. sameDay]);
            }
        }
    }

    private async Task WriteUntilDoneAsync(string day, List<Append> appends)
    {
        var backOff = BackOffMin;
        while (true)
        {
            foreach (var stopped in appends.Where(a => a.Stopping.IsCancellationRequested))
            {
                stopped.Done.TrySetCanceled(stopped.Stopping);
            }

            appends.RemoveAll(a => a.Done.Task.IsCompleted);
            if (appends.Count == 0)
            {
                return;
            }

            try
            {
                Write(day, appends);
                appends.ForEach(a => a.Done.TrySetResult());
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && !_disposed)
            {
                metrics.WriteFailed();
                LogWriteFailed(logger, folder, e.Message, backOff.TotalSeconds);
                Rewind();
            }
            catch (Exception e)
            {
                // Not a full disk: whoever waits is told, and the next append opens the file anew.
                Close();
                appends.ForEach(a => a.Done.TrySetException(e));
                return;
            }

            await PauseAsync(backOff * (0.5 + Random.Shared.NextDouble()), appends);
            backOff = backOff * 2 < BackOffMax ? backOff * 2 : BackOffMax;
        }
    }

    /// <summary>Ends early when one of those who wait gives up.</summary>
    private async Task PauseAsync(TimeSpan pause, List<Append> appends)
    {
        using var givenUp = CancellationTokenSource.CreateLinkedTokenSource([.. appends.Select(a => a.Stopping)]);
        try
        {
            await Task.Delay(pause, time, givenUp.Token);
        }
        catch (OperationCanceledException)
        {
            // The caller looks who it was.
        }
    }

    private void Write(string day, List<Append> appends)
    {
        if (!IsOpen(day))
        {
            Open(day);
        }

        SyncNames();
        var at = _length;
        foreach (var append in appends)
        {
            append.Batch.WriteTo(piece =>
            {
                RandomAccess.Write(_file!, piece.Span, at);
                at += piece.Length;
            });
        }

        RandomAccess.FlushToDisk(_file!);
        _length = at;
    }

    /// <summary>False too when the file was deleted, renamed or cut by somebody else: what is written to it then would be lost.</summary>
    private bool IsOpen(string day) =>
        _file is not null && _day == day && new FileInfo(_path) is { Exists: true } file && file.Length == _length;

    private void Open(string day)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Close();
        var path = Path.Combine(folder, day + ".ndjson");
        if (!File.Exists(path))
        {
            _synced = "";
            Directory.CreateDirectory(folder);
        }

        // It is ours from here on, so a failure below closes it.
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        TornLine.Cut(_file, path, logger);
        (_path, _day, _length) = (path, day, RandomAccess.GetLength(_file));
    }

    /// <summary>A file of this process's making is on the disk only when its name is, and its folder's; so once for each file.</summary>
    private void SyncNames()
    {
        if (_synced != _path)
        {
            FolderSync.Sync(folder);
            FolderSync.Sync(Path.GetDirectoryName(folder)!);
            _synced = _path;
        }
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <summary>After a failure nothing of the failed write may stay; where even that fails, the next open cuts it.</summary>
    private void Rewind()
    {
        try
        {
            if (_file is not null)
            {
                RandomAccess.SetLength(_file, _length);
            }
        }
        catch (IOException)
        {
            Close();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Writing to {Folder} failed: {Error} Nothing is lost; trying again in about {Seconds:F1} s.")]
    private static partial void LogWriteFailed(ILogger logger, string folder, string error, double seconds);

    private sealed record Append(string Day, EncodedBatch Batch, CancellationToken Stopping)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

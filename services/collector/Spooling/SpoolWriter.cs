using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Tributary.Collector.Batching;
using Tributary.Contracts.Batches;

namespace Tributary.Collector.Spooling;

/// <summary>
/// Writes batches to the spool beside the tail loop, many with one sync. What waits here is held by the window's bytes,
/// so they bound it. A full or failing disk is tried again every second; meanwhile nothing more is accepted, and reading
/// waits. What was not written when the process ends is read again from its files.
/// </summary>
internal sealed partial class SpoolWriter : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly BatchSpool _spool;
    private readonly CollectorMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<SpoolWriter> _logger;
    private readonly Channel<(SealedBatch Sealed, LogBatch Batch)> _waiting = Channel.CreateUnbounded<(SealedBatch, LogBatch)>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private long _waitingBytes;
    private volatile bool _failing;

    public SpoolWriter(BatchSpool spool, CollectorMetrics metrics, TimeProvider time, ILogger<SpoolWriter> logger)
    {
        _spool = spool;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _run = spool.IsOn ? Task.Run(RunAsync) : Task.CompletedTask;
    }

    /// <summary>Raised on a pool thread for each batch that is on the disk.</summary>
    public event Action<SealedBatch>? Written;

    /// <summary>Whether so many bytes more would be taken now.</summary>
    public bool Takes(long bytes) => !_failing && _spool.Takes(Interlocked.Read(ref _waitingBytes) + bytes);

    /// <summary>Counts bytes that will come with <see cref="Add"/>.</summary>
    public void Expect(long bytes) => Interlocked.Add(ref _waitingBytes, bytes);

    /// <param name="sealedBatch">The batch.</param>
    /// <param name="batch">Its content.</param>
    /// <param name="expected">What <see cref="Expect"/> was told of it.</param>
    public void Add(SealedBatch sealedBatch, LogBatch batch, long expected)
    {
        Interlocked.Add(ref _waitingBytes, batch.Content.Length - expected);
        _waiting.Writer.TryWrite((sealedBatch, batch));
    }

    public void Dispose()
    {
        _waiting.Writer.TryComplete();
        _stop.Cancel();
        _ = _run.ContinueWith(_ => _stop.Dispose(), TaskScheduler.Default);
    }

    private async Task RunAsync()
    {
        try
        {
            var group = new List<(SealedBatch Sealed, LogBatch Batch)>();
            while (await _waiting.Reader.WaitToReadAsync(_stop.Token))
            {
                while (group.Count < 64 && _waiting.Reader.TryRead(out var next))
                {
                    group.Add(next);
                }

                await WriteAsync(group);
                group.Clear();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Not on the disk, and never said to be.
        }
    }

    private async Task WriteAsync(List<(SealedBatch Sealed, LogBatch Batch)> group)
    {
        while (!TryWrite(group))
        {
            await Task.Delay(RetryAfter, _time, _stop.Token);
        }

        foreach (var (sealedBatch, batch) in group)
        {
            Interlocked.Add(ref _waitingBytes, -batch.Content.Length);
            Written?.Invoke(sealedBatch);
        }
    }

    private bool TryWrite(List<(SealedBatch Sealed, LogBatch Batch)> group)
    {
        try
        {
            _spool.Append(group);
            if (_failing)
            {
                LogAgain(_logger);
            }

            _failing = false;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _metrics.SpoolError("write");
            if (!_failing)
            {
                LogFailed(_logger, e.Message);
            }

            _failing = true;
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The spool cannot be written: {Error} Reading waits; trying again every second.")]
    private static partial void LogFailed(ILogger logger, string error);

    [LoggerMessage(Level = LogLevel.Information, Message = "The spool is written again.")]
    private static partial void LogAgain(ILogger logger);
}

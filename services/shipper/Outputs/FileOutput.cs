using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tributary.Contracts.Batches;
using Tributary.Hosting;
using Tributary.Shipper.Ndjson;

namespace Tributary.Shipper.Outputs;

/// <summary>
/// NDJSON files <c>FOLDER/TARGET/yyyy-MM-dd.ndjson</c> (UTC day of delivery), synced before a batch counts as
/// delivered. The folder is held by one process at a time. A torn last line, left by a crash, is cut at start
/// and whenever a file is opened: it belongs to a batch that was never confirmed.
/// </summary>
internal sealed partial class FileOutput : IOutput
{
    /// <summary>EWOULDBLOCK: somebody holds the lock.</summary>
    private const int WouldBlock = 11;

    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly ShipperMetrics _metrics;
    private readonly ILogger _logger;
    private readonly FileStream _lock;
    private readonly ConcurrentDictionary<string, TargetFile> _files = new(StringComparer.Ordinal);

    /// <exception cref="IOException">The folder cannot be made, or another process writes to it.</exception>
    public FileOutput(string folder, TimeProvider time, ShipperMetrics metrics, ILogger logger)
    {
        _folder = Path.GetFullPath(folder);
        _time = time;
        _metrics = metrics;
        _logger = logger;
        try
        {
            FolderSync.Make(_folder);
            _lock = new FileStream(Path.Combine(_folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            throw new IOException($"The output folder {_folder} is in use by another process; stop that one or name another folder.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The output folder {_folder} cannot be used: {e.Message}", e);
        }

        TornLine.CutAll(_folder, logger);
    }

    public async Task WriteAsync(LogBatch batch, ReadOnlyMemory<byte> request, CancellationToken stopping)
    {
        using var encoded = new EncodedBatch(request, batch.Records);
        var day = _time.GetUtcNow().ToString("yyyy-MM-dd");
        var file = _files.GetOrAdd(batch.Target, t => new TargetFile(Path.Combine(_folder, t), _time, _metrics, _logger));
        await file.AppendAsync(day, encoded, stopping);
    }

    public void Dispose()
    {
        foreach (var file in _files.Values)
        {
            file.Dispose();
        }

        _lock.Dispose();
    }
}

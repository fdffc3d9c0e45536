using Tributary.Collector.Batching;
using Tributary.Collector.Records;
using Tributary.Collector.Tailing;
using Tributary.Config;
using Tributary.Contracts;

namespace Tributary.Collector.Trial;

/// <summary>
/// Runs a config's rules over a file as collecting does: the same reader, rules and encoder. No checkpoint is read or
/// written and nothing is published. The file counts as ended, so its last record is whole at its end.
/// </summary>
internal sealed class RuleTrial : IDisposable
{
    private const int BatchBytes = 4 * 1024 * 1024;

    private readonly CollectorMetrics _metrics = new();
    private readonly FileReader _reader;
    private readonly string _config;
    private readonly HostFilesSource _files;

    public RuleTrial(LogConfig config, TimeProvider time)
    {
        var options = new CollectorOptions { Configs = [config], BatchBytesMax = BatchBytes };
        _config = RuleCatalog.FullName(config);
        _files = config.Sources.Select(s => s.HostFiles).FirstOrDefault(f => f is not null) ?? new HostFilesSource();
        _reader = new FileReader(options, new RuleCatalog(options), _metrics, time);
    }

    /// <summary>What a file becomes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">How its lines are framed.</param>
    /// <param name="from">Where to begin: the start of a line.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public TrialResult Run(string path, LogFormat format, long from = 0)
    {
        var spec = new SourceSpec { Key = path, DisplayName = path, Path = path, Format = format, Config = _config, Encoding = _files.Encoding, StripReturn = _files.StripReturn, Growing = false };
        var account = new SourceAccount(_metrics);
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var file = new TailedFile(spec, new LogBytes(handle, compressed: false), FileStat.OfHandle(handle), Fingerprint.Of(handle), null, "trial", account)
        {
            Position = from,
            Tail = TailMark.At(handle, from),
        };
        var requests = new List<byte[]>();
        bool goesOn;
        do
        {
            using var batch = new BatchBuilder("trial", BatchBytes, 64 * 1024, 0);
            goesOn = _reader.Read(file, batch, flush: true);
            if (batch.Records > 0)
            {
                requests.Add(batch.Written.ToArray());
                goesOn = true;
            }
        }
        while (goesOn);

        _reader.Release(file);
        return new TrialResult(requests, new SortedDictionary<string, long>(account.Dropped.ToDictionary(), StringComparer.Ordinal), account.Unparsed, file.Format);
    }

    /// <summary>Where the last lines of a file begin; 0 when it has no more than so many.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static long LastLines(string path, int lines)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var end = RandomAccess.GetLength(handle);
        var buffer = new byte[64 * 1024];
        var (at, found) = (end, 0);
        while (at > 0)
        {
            var start = Math.Max(0, at - buffer.Length);
            var piece = buffer.AsSpan(0, RandomAccess.Read(handle, buffer.AsSpan(0, (int)(at - start)), start));
            for (var newline = piece.LastIndexOf((byte)'\n'); newline >= 0; newline = piece[..newline].LastIndexOf((byte)'\n'))
            {
                // The newline at the very end begins no line.
                if (start + newline + 1 < end && ++found == lines)
                {
                    return start + newline + 1;
                }
            }

            at = start;
        }

        return 0;
    }

    public void Dispose() => _metrics.Dispose();
}

/// <summary>What a file became.</summary>
/// <param name="Requests">The records, as OTLP requests in order.</param>
/// <param name="Dropped">Records that a rule dropped, by rule.</param>
/// <param name="Unparsed">Records kept whole because they did not parse.</param>
/// <param name="Format">The format that was told from the content, or given.</param>
internal sealed record TrialResult(
    IReadOnlyList<byte[]> Requests, IReadOnlyDictionary<string, long> Dropped, long Unparsed, LogFormat Format);

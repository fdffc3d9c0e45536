using Microsoft.Extensions.Logging;

namespace Tributary.Discovery.Catalog;

/// <summary>
/// Hands out the node's generations: each greater than every one before, over restarts and clock jumps. The file holds
/// a bound that was reserved before anything below it was handed out. Where the file is lost or cannot be written, the
/// clock takes its place (2^20 generations a second): then only a clock set back could repeat a number.
/// </summary>
internal sealed partial class GenerationClock
{
    /// <summary>Reserved at a time; a crash skips at most so many.</summary>
    internal const long BlockLength = 1L << 20;

    private const int BitsPerSecond = 20;
    private const long SecondsMax = (1L << 32) - 1;

    private readonly Lock _gate = new();
    private readonly GenerationFile _file;
    private readonly ILogger _log;
    private long _latest;
    private long _reserved;

    public GenerationClock(GenerationFile file, ILogger<GenerationClock> log, TimeProvider time)
    {
        _file = file;
        _log = log;
        var byClock = Math.Clamp(time.GetUtcNow().ToUnixTimeSeconds(), 0, SecondsMax) << BitsPerSecond;
        var stored = file.Read(out var reason);
        if (stored is null)
        {
            LogNotRead(log, file.Path, reason ?? "");
        }

        _latest = Math.Max(stored ?? 0, byClock - 1);
        Reserve();
    }

    /// <summary>The greatest that was handed out, or what is before the first.</summary>
    public long Latest
    {
        get
        {
            lock (_gate)
            {
                return _latest;
            }
        }
    }

    /// <summary>Below 2^53.</summary>
    public long Next()
    {
        lock (_gate)
        {
            if (_latest >= _reserved)
            {
                Reserve();
            }

            return ++_latest;
        }
    }

    private void Reserve()
    {
        _reserved = _latest + BlockLength;
        try
        {
            _file.Write(_reserved);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotWritten(_log, _file.Path, e.Message);
        }
    }

    [LoggerMessage(1301, LogLevel.Information, "Generations start from the clock, {Path} gave none: {Reason}")]
    private static partial void LogNotRead(ILogger log, string path, string reason);

    [LoggerMessage(1302, LogLevel.Warning, "Generations go on by the clock, {Path} cannot be written: {Reason}")]
    private static partial void LogNotWritten(ILogger log, string path, string reason);
}

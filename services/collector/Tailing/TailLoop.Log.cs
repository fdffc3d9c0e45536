using Microsoft.Extensions.Logging;

namespace Tributary.Collector.Tailing;

/// <summary>What the loop says.</summary>
internal sealed partial class TailLoop
{
    [LoggerMessage(Level = LogLevel.Error, Message = "A round of the tail loop failed; it goes on with the next.")]
    private static partial void LogRoundFailed(ILogger logger, Exception e);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source}: reading {Path} failed at byte {Offset}: {Error} It is tried again every now and then.")]
    private static partial void LogReadFailed(ILogger logger, string source, string path, long offset, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not everything was confirmed within {Seconds} s; what was not is read again at the next start.")]
    private static partial void LogNotDrained(ILogger logger, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No batch was confirmed for {Seconds:F0} s: the next hop is away, blocked or slow. Reading pauses when the window is full; nothing is lost.")]
    private static partial void LogSilent(ILogger logger, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Batches are confirmed again.")]
    private static partial void LogConfirmsAgain(ILogger logger);
}

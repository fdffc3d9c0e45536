using Microsoft.Extensions.Logging;

namespace Tributary.Standalone.Up;

/// <summary>Log lines above the board, one each: time, level, text. Below warning, only our own are shown.</summary>
internal sealed class BoardLogger(StatusBoard board) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Logger(board, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(StatusBoard board, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) =>
            logLevel >= (category.StartsWith("Tributary", StringComparison.Ordinal) ? LogLevel.Information : LogLevel.Warning);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            var level = logLevel switch { LogLevel.Information => "info", LogLevel.Warning => "warn", _ => "fail" };
            var text = $"{DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()):HH:mm:ss} {level} {formatter(state, exception)}";
            board.WriteLine(exception is null ? text : $"{text} ({exception.GetType().Name}: {exception.Message})");
        }
    }
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Tributary.Tests.Unit.Discovery;

/// <summary>Keeps every log line of every level, with its exception.</summary>
internal sealed class CapturedLog : ILoggerProvider
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Logger(Lines);

    public ILogger<T> For<T>() => new Logger<T>(LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Trace).AddProvider(this)));

    public void Dispose()
    {
    }

    private sealed class Logger(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");
    }
}

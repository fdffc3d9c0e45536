namespace Tributary.Collector.Formats;

/// <summary>The streams of a container's log. A file without streams uses <see cref="Stdout"/>.</summary>
internal enum LogStream
{
    Stdout = 0,
    Stderr = 1,
}

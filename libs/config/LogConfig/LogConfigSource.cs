namespace Tributary.Config;

/// <summary>One source of a LogConfig: exactly one of its members is there.</summary>
public sealed record LogConfigSource
{
    /// <summary>The container's own output.</summary>
    public StdoutSource? Stdout { get; init; }

    internal static LogConfigSource Read(MappingReader source)
    {
        source.Refuse("files", "files inside containers come in a later version; expected stdout");
        var read = new LogConfigSource
        {
            Stdout = source.OptionalObject("stdout", StdoutSource.Read, "The container's own output, as its runtime logs it."),
        };
        if (read.Stdout is null && !source.Has("files"))
            source.Fail("", "names no kind of source; expected stdout");
        return read;
    }
}

/// <summary>The container's own output, as its runtime logs it.</summary>
public sealed record StdoutSource
{
    private static readonly string[] Both = ["stdout", "stderr"];

    /// <summary>The streams to keep: <c>stdout</c>, <c>stderr</c> or both, in this order.</summary>
    public IReadOnlyList<string> Streams { get; init; } = Both;

    internal static StdoutSource Read(MappingReader stdout) =>
        new() { Streams = stdout.Words("streams", "stream", Both, "The streams to keep.") };
}

namespace Tributary.Config;

/// <summary>One source of a LogConfig: exactly one of its members is there.</summary>
public sealed record LogConfigSource
{
    /// <summary>The container's own output.</summary>
    public StdoutSource? Stdout { get; init; }

    /// <summary>Files of the host.</summary>
    public HostFilesSource? HostFiles { get; init; }

    /// <summary>The systemd journal.</summary>
    public JournalSource? Journal { get; init; }

    /// <summary>The kernel's ring.</summary>
    public KernelSource? Kernel { get; init; }

    internal static LogConfigSource Read(MappingReader source)
    {
        source.Refuse("files", "files inside containers come in a later version; expected stdout, hostFiles, journal or kernel");
        var read = new LogConfigSource
        {
            Stdout = source.OptionalObject("stdout", StdoutSource.Read, "The container's own output, as its runtime logs it."),
            HostFiles = source.OptionalObject("hostFiles", HostFilesSource.Read, "Log files of the host; the selector does not concern them."),
            Journal = source.OptionalObject("journal", JournalSource.Read, "Entries of the systemd journal; the selector does not concern them."),
            Kernel = source.OptionalObject("kernel", KernelSource.Read, "The kernel's ring, as `dmesg` shows it; the selector does not concern it."),
        };
        var kinds = new object?[] { read.Stdout, read.HostFiles, read.Journal, read.Kernel }.Count(kind => kind is not null);
        if (kinds == 0 && !source.Has("files"))
            source.Fail("", "names no kind of source; expected stdout, hostFiles, journal or kernel");
        if (kinds > 1)
            source.Fail("", "names more than one kind of source; expected one in each item of the list");
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

namespace Tributary.Collector.Formats;

/// <summary>One line of a log file, taken apart. A fragment that is partial continues on the stream's next line.</summary>
internal ref struct Fragment
{
    /// <summary>Nanoseconds since 1970-01-01 UTC; 0 when the line has no time.</summary>
    public ulong TimeUnixNano;

    public LogStream Stream;

    public bool Partial;

    /// <summary>Whether the text is known to be valid UTF-8: its line is all ASCII. Not the parser's to set.</summary>
    public bool KnownUtf8;

    /// <summary>The text without a trailing newline; valid until the next line is parsed.</summary>
    public ReadOnlySpan<byte> Text;
}

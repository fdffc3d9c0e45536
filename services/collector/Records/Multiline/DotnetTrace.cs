namespace Tributary.Collector.Records.Multiline;

/// <summary>Shapes of lines in what .NET prints of an exception, and of its console logger's messages.</summary>
internal static class DotnetTrace
{
    /// <summary>An inner exception.</summary>
    public static bool IsInner(ReadOnlySpan<byte> text) => text.TrimStart((byte)' ').StartsWith("---> "u8);

    /// <summary>The end of an inner exception's frames, or of those of another thread.</summary>
    public static bool IsEndOf(ReadOnlySpan<byte> text) => text.StartsWith("--- End of "u8);

    /// <summary>The console logger sets a message in six spaces below its category.</summary>
    public static bool IsLogBody(ReadOnlySpan<byte> text) => text.StartsWith("      "u8);

    /// <summary><c>fail: Category[12]</c>.</summary>
    public static bool IsLogHead(ReadOnlySpan<byte> open)
    {
        var head = open.TrimEnd((byte)'\r');
        return head.Length > 8 && head[^1] == (byte)']' && head[4] == (byte)':' && head[5] == (byte)' ' && !head.Contains((byte)'\n')
            && (head.StartsWith("info"u8) || head.StartsWith("fail"u8) || head.StartsWith("warn"u8)
                || head.StartsWith("dbug"u8) || head.StartsWith("trce"u8) || head.StartsWith("crit"u8));
    }
}

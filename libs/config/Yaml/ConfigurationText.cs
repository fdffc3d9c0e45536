using System.Text;

namespace Tributary.Config;

/// <summary>Bytes of a configuration file to text. Whatever is not text of at most 1 MiB in UTF-8 is refused with its reason.</summary>
internal static class ConfigurationText
{
    public const int BytesMax = 1 << 20;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads at most one byte over the cap, from whatever the name leads to; null after an error.</summary>
    public static string? ReadFile(string file, FileErrors errors)
    {
        try
        {
            if (Directory.Exists(file))
                return Refuse(errors, "is a directory; name the files in it");
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var bytes = new byte[BytesMax + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return Decode(bytes.AsSpan(0, length), errors);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Refuse(errors, "does not exist");
        }
        catch (UnauthorizedAccessException)
        {
            return Refuse(errors, "cannot be read: permission denied");
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            return Refuse(errors, "cannot be read: " + Shown.OneLine(e.Message));
        }
    }

    /// <summary>The text without a byte order mark; null after an error.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes, FileErrors errors)
    {
        if (bytes.Length > BytesMax)
            return Refuse(errors, "is larger than 1MiB; split it into several files");
        if (bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            return Refuse(errors, "is UTF-16; save it as UTF-8");
        if (bytes.Contains((byte)0))
            return Refuse(errors, "is a binary file; expected YAML");
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            var before = bytes[..e.Index];
            var line = before.Count((byte)'\n') + 1;
            var column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
            errors.Broken((new Place(line, column), "is not UTF-8 text"));
            return null;
        }
    }

    private static string? Refuse(FileErrors errors, string message)
    {
        errors.Broken((default, message));
        return null;
    }
}

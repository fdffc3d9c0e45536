using System.Globalization;
using System.Text;
using Tributary.Contracts.Batches;

namespace Tributary.Discovery.Catalog;

/// <summary>
/// The file that holds the greatest generation that may have been handed out: one line of format name, version, bound
/// and CRC-32C. Replaced through a temporary file, fsync and rename, so it is whole or as it was.
/// </summary>
internal sealed class GenerationFile(string path)
{
    private const string Format = "tributary-generation 1";

    public string Path => path;

    /// <summary>Null with a reason when there is no file or it cannot be trusted.</summary>
    public long? Read(out string? reason)
    {
        try
        {
            if (new FileInfo(path).Length > 200)
            {
                reason = "it is longer than it can be";
                return null;
            }

            var text = File.ReadAllText(path);
            reason = TryParse(text, out var bound) ? null : "its content is torn or not of this format";
            return reason is null ? bound : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            reason = "it does not exist";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reason = e.Message;
        }

        return null;
    }

    /// <exception cref="IOException">The disk is full or broken; the old file stays.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public void Write(long bound)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        var content = string.Create(CultureInfo.InvariantCulture, $"{Format} {bound}");
        var temporary = path + ".new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{content} {Checksum(content):x8}\n")));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static bool TryParse(string text, out long bound)
    {
        bound = 0;
        var end = text.LastIndexOf(' ');
        return end > 0
            && text.EndsWith('\n')
            && text[(end + 1)..^1] == Checksum(text[..end]).ToString("x8", CultureInfo.InvariantCulture)
            && text.StartsWith(Format + " ", StringComparison.Ordinal)
            && long.TryParse(text.AsSpan(Format.Length + 1, end - Format.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out bound);
    }

    private static uint Checksum(string text) => Crc32C.Compute(Encoding.UTF8.GetBytes(text));
}

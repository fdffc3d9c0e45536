using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Collector.Tailing;
using Tributary.Contracts;
using Tributary.Contracts.Batches;
using Tributary.Hosting;

namespace Tributary.Collector.Draining;

/// <summary>
/// The drains that are not over, on the disk: a line <c>tributary-drains VERSION LENGTH CRC32C</c>, then JSON; replaced
/// through a temporary file, fsync and rename.
/// </summary>
internal static class DrainFile
{
    private const string Magic = "tributary-drains 1 ";

    /// <summary>When it returns, the entries are on the disk.</summary>
    /// <exception cref="IOException">The disk is full or fails; what was there stays.</exception>
    public static void Write(string path, IReadOnlyList<DrainEntry> entries)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(entries, DrainJson.Default.IReadOnlyListDrainEntry);
        var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Magic}{json.Length} {Crc32C.Compute(json):x8}\n"));
        var temporary = path + ".tmp";
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            RandomAccess.Write(file, head, 0);
            RandomAccess.Write(file, json, head.Length);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
        FolderSync.Sync(Path.GetDirectoryName(path)!);
    }

    /// <summary>Empty when there is no file.</summary>
    /// <exception cref="InvalidDataException">Damaged, or of another version.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<DrainEntry> Read(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        var file = File.ReadAllBytes(path).AsSpan();
        var newline = Math.Max(0, file.IndexOf((byte)'\n'));
        var json = file[Math.Min(file.Length, newline + 1)..];
        var head = string.Create(CultureInfo.InvariantCulture, $"{Magic}{json.Length} {Crc32C.Compute(json):x8}");
        if (Encoding.ASCII.GetString(file[..newline]) != head)
        {
            throw new InvalidDataException("it is damaged, or of another version");
        }

        try
        {
            return JsonSerializer.Deserialize(json, DrainJson.Default.IReadOnlyListDrainEntry) ?? [];
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("its content is not what this version writes", e);
        }
    }
}

/// <summary>A source that is being drained, or what is to be said of one that was.</summary>
/// <param name="Source">The source; null once it is drained.</param>
/// <param name="Message">What is to be said; null until it is drained.</param>
internal sealed record DrainEntry(SourceSpec? Source, SourceDrained? Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<DrainEntry>))]
internal sealed partial class DrainJson : JsonSerializerContext;

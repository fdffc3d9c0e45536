using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Contracts.Batches;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// The first format, which is read and replaced by <see cref="CheckpointFiles"/>: one generation, a line <c>tributary-checkpoints VERSION GENERATION LENGTH CRC32C</c>, then
/// JSON. Anything that does not add up is an <see cref="InvalidDataException"/>.
/// </summary>
internal static class CheckpointFile
{
    private const string Magic = "tributary-checkpoints";
    private const int Version = 1;

    public static byte[] Encode(long generation, IReadOnlyCollection<Checkpoint> checkpoints)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(checkpoints, CheckpointJson.Default.IReadOnlyCollectionCheckpoint);
        var head = string.Create(CultureInfo.InvariantCulture, $"{Magic} {Version} {generation} {json.Length} {Crc32C.Compute(json):x8}\n");
        return [.. Encoding.ASCII.GetBytes(head), .. json];
    }

    /// <exception cref="InvalidDataException">Torn, damaged, or of another version.</exception>
    public static (long Generation, IReadOnlyCollection<Checkpoint> Checkpoints) Decode(ReadOnlySpan<byte> file)
    {
        var newline = file.IndexOf((byte)'\n');
        var head = newline < 0 ? [] : Encoding.ASCII.GetString(file[..newline]).Split(' ');
        if (head.Length != 5 || head[0] != Magic
            || !long.TryParse(head[2], NumberStyles.None, CultureInfo.InvariantCulture, out var generation)
            || !int.TryParse(head[3], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || !uint.TryParse(head[4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var crc))
        {
            throw new InvalidDataException("its first line is no checkpoint header");
        }

        if (head[1] != Version.ToString(CultureInfo.InvariantCulture))
        {
            throw new InvalidDataException($"it is of version {head[1]}, this program reads version {Version}");
        }

        var json = file[(newline + 1)..];
        if (json.Length != length || Crc32C.Compute(json) != crc)
        {
            throw new InvalidDataException($"it is torn or damaged ({json.Length} of {length} bytes, or a wrong checksum)");
        }

        try
        {
            return (generation, JsonSerializer.Deserialize(json, CheckpointJson.Default.IReadOnlyCollectionCheckpoint) ?? []);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("its content is not what this version writes", e);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(IReadOnlyCollection<Checkpoint>))]
internal sealed partial class CheckpointJson : JsonSerializerContext;

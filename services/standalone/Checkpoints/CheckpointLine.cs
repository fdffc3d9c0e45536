using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Tailing;

namespace Tributary.Standalone.Checkpoints;

/// <summary>What is shown of one checkpoint. The JSON names are for scripts and stay.</summary>
internal sealed record CheckpointLine
{
    public required string SourceId { get; init; }

    /// <summary>Where it was first seen.</summary>
    public required string Path { get; init; }

    public required string Target { get; init; }

    /// <summary>Empty for host files.</summary>
    public required string Declaration { get; init; }

    /// <summary>All before it is delivered.</summary>
    public required long Offset { get; init; }

    /// <summary>Of the file now; null when it is not at its path.</summary>
    public required long? Size { get; init; }

    /// <summary>Bytes not delivered: to the size now, or else to the last one known.</summary>
    public required long Lag { get; init; }

    /// <summary>RFC 3339, UTC: when the file was last noted to exist.</summary>
    public required string LastSeen { get; init; }

    /// <summary>RFC 3339, UTC; null while a file with this identity exists.</summary>
    public required string? GoneSince { get; init; }

    public static CheckpointLine Of(Checkpoint checkpoint)
    {
        var size = SizeNow(checkpoint);
        return new CheckpointLine
        {
            SourceId = checkpoint.SourceId,
            Path = checkpoint.Path,
            Target = checkpoint.Target,
            Declaration = checkpoint.Declaration,
            Offset = checkpoint.Offset,
            Size = size,
            Lag = Math.Max(0, (size ?? checkpoint.Size) - checkpoint.Offset),
            LastSeen = Time(checkpoint.LastSeen),
            GoneSince = checkpoint.GoneSince == 0 ? null : Time(checkpoint.GoneSince),
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, CheckpointLineJson.Default.CheckpointLine);

    private static long? SizeNow(Checkpoint checkpoint)
    {
        try
        {
            return FileStat.OfPath(checkpoint.Path) is { } stat && stat.Key.Inode == checkpoint.Inode ? stat.Size : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Time(long unixSeconds) =>
        DateTimeOffset.FromUnixTimeSeconds(unixSeconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CheckpointLine))]
internal sealed partial class CheckpointLineJson : JsonSerializerContext;

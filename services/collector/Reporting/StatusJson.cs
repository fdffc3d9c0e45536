using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Contracts;

namespace Tributary.Collector.Reporting;

/// <summary>The status as one line of JSON. The names are for scripts and stay.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(CollectorStatus))]
internal sealed partial class StatusJson : JsonSerializerContext
{
    public static byte[] Render(CollectorStatus status) => JsonSerializer.SerializeToUtf8Bytes(status, Default.CollectorStatus);

    /// <exception cref="JsonException">It is no status.</exception>
    public static CollectorStatus Parse(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Default.CollectorStatus) ?? throw new JsonException("null");
}

using System.Text.Json.Serialization;

namespace Tributary.Docker;

/// <summary>One container of <c>GET /containers/json</c>.</summary>
public sealed record ContainerListResponse
{
    [JsonPropertyName("Id")]
    public string ID { get; init; } = "";

    /// <summary>With their leading slash; links of other containers are in here too.</summary>
    public IReadOnlyList<string> Names { get; init => field = value ?? []; } = [];

    public string Image { get; init => field = value ?? ""; } = "";

    public string ImageID { get; init => field = value ?? ""; } = "";

    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? EmptyMap.Instance; } = EmptyMap.Instance;

    /// <summary><c>created</c>, <c>running</c>, <c>paused</c>, <c>restarting</c>, <c>removing</c>, <c>exited</c> or <c>dead</c>.</summary>
    public string State { get; init => field = value ?? ""; } = "";
}

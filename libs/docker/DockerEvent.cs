using System.Text.Json.Serialization;

namespace Tributary.Docker;

/// <summary>One event of <c>GET /events</c>.</summary>
public sealed record DockerEvent
{
    /// <summary><c>container</c>, <c>image</c>, ….</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary><c>create</c>, <c>start</c>, <c>die</c>, <c>destroy</c>, <c>rename</c>, <c>update</c>, ….</summary>
    public string Action { get; init => field = value ?? ""; } = "";

    public DockerActor Actor { get; init => field = value ?? new(); } = new();

    /// <summary>Nanoseconds since 1970 on the engine's clock; what a resumed stream takes as <c>since</c>.</summary>
    [JsonPropertyName("timeNano")]
    public long TimeNano { get; init; }
}

/// <summary>Whom an event is about. Its attributes (all labels among them) are not read.</summary>
public sealed record DockerActor
{
    [JsonPropertyName("ID")]
    public string ID { get; init => field = value ?? ""; } = "";
}

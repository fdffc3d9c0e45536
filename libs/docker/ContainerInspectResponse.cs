using System.Text.Json.Serialization;

namespace Tributary.Docker;

/// <summary>The part of <c>GET /containers/ID/json</c> that is used. What the engine left out or set to null is empty.</summary>
public sealed record ContainerInspectResponse
{
    [JsonPropertyName("Id")]
    public string ID { get; init => field = value ?? ""; } = "";

    /// <summary>With its leading slash.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>The image's id; its name is <see cref="ContainerConfig.Image"/>.</summary>
    public string Image { get; init => field = value ?? ""; } = "";

    public ContainerInspectState State { get; init => field = value ?? new(); } = new();

    /// <summary>How often the engine's restart policy restarted it.</summary>
    public int RestartCount { get; init; }

    /// <summary>The json-file driver's file on the engine's host; empty before the first start and with other drivers.</summary>
    public string LogPath { get; init => field = value ?? ""; } = "";

    public HostConfig HostConfig { get; init => field = value ?? new(); } = new();

    public ContainerConfig Config { get; init => field = value ?? new(); } = new();
}

/// <summary>What a container does now, and since when.</summary>
public sealed record ContainerInspectState
{
    /// <summary>See <see cref="ContainerListResponse.State"/>.</summary>
    public string Status { get; init => field = value ?? ""; } = "";

    /// <summary>Also true while paused and while restarting.</summary>
    public bool Running { get; init; }

    public bool Restarting { get; init; }

    public int ExitCode { get; init; }

    /// <summary>UTC; null when it was never started.</summary>
    public DateTimeOffset? StartedAt { get; init => field = EngineTime.OrNull(value); }

    /// <summary>UTC; null when it has never ended. Stays while the container runs again.</summary>
    public DateTimeOffset? FinishedAt { get; init => field = EngineTime.OrNull(value); }
}

/// <summary>What the container was made with on the host's side.</summary>
public sealed record HostConfig
{
    public LogConfig LogConfig { get; init => field = value ?? new(); } = new();
}

/// <summary>The container's log driver.</summary>
public sealed record LogConfig
{
    /// <summary><c>json-file</c>, <c>local</c>, <c>journald</c>, <c>none</c>, ….</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    public IReadOnlyDictionary<string, string> Config { get; init => field = value ?? EmptyMap.Instance; } = EmptyMap.Instance;
}

/// <summary>What the container was made with on its own side.</summary>
public sealed record ContainerConfig
{
    public string Hostname { get; init => field = value ?? ""; } = "";

    /// <summary><c>NAME=VALUE</c>. May hold secrets.</summary>
    public IReadOnlyList<string> Env { get; init => field = value ?? []; } = [];

    /// <summary>May hold secrets.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? EmptyMap.Instance; } = EmptyMap.Instance;

    /// <summary>The image as the user named it: <c>repository:tag</c>, a digest, or an id.</summary>
    public string Image { get; init => field = value ?? ""; } = "";

    /// <summary>Whether it writes to a terminal: stderr then arrives as stdout.</summary>
    public bool Tty { get; init; }
}

/// <summary>The engine writes "never" as the first instant of year 1.</summary>
internal static class EngineTime
{
    public static DateTimeOffset? OrNull(DateTimeOffset? time) => time is { Year: > 1 } ? time.Value.ToUniversalTime() : null;
}

/// <summary>The one empty map.</summary>
internal static class EmptyMap
{
    public static IReadOnlyDictionary<string, string> Instance { get; } = new Dictionary<string, string>();
}

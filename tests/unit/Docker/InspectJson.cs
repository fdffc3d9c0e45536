using System.Text.Json;

namespace Tributary.Tests.Unit.Docker;

/// <summary>Writes the answer to an inspect as an engine does, with more fields than anybody reads.</summary>
internal static class InspectJson
{
    public static string Of(
        string id,
        string name = "web",
        string status = "running",
        string image = "registry:5000/team/app:1.2",
        string driver = "json-file",
        string? logPath = null,
        Dictionary<string, string>? labels = null,
        string[]? env = null,
        int restarts = 0,
        string started = "2026-11-21T10:00:00.123456789Z",
        string finished = "0001-01-01T00:00:00Z") =>
        JsonSerializer.Serialize(new
        {
            Id = id,
            Created = "2026-11-21T09:59:59Z",
            Path = "sh",
            Name = "/" + name,
            Image = "sha256:abc",
            RestartCount = restarts,
            LogPath = logPath ?? $"/var/lib/docker/containers/{id}/{id}-json.log",
            State = new { Status = status, Running = status == "running", Pid = 1, StartedAt = started, FinishedAt = finished, ExitCode = 0, Restarting = false },
            HostConfig = new { Memory = 0, LogConfig = new { Type = driver, Config = new { } } },
            Config = new { Hostname = "h", Tty = false, Env = env, Labels = labels, Image = image },
            GraphDriver = new { Name = "overlay2" },
        });
}

using System.Net;

namespace Tributary.Docker;

/// <summary>A request to the engine that failed: refused (with a status), or never answered (without one).</summary>
public sealed class DockerException : IOException
{
    public DockerException(string path, HttpStatusCode status, string daemonMessage)
        : base($"Docker answered {(int)status} to {path}: {daemonMessage}")
    {
        Path = path;
        Status = status;
        DaemonMessage = daemonMessage;
    }

    public DockerException(string path, string message, Exception? inner = null)
        : base(message, inner)
    {
        Path = path;
        DaemonMessage = "";
    }

    /// <summary>Path and query of the request; empty when the connection failed before one was made.</summary>
    public string Path { get; }

    /// <summary>Null when no answer came.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>What the engine said; empty when it said nothing.</summary>
    public string DaemonMessage { get; }
}

namespace Tributary.Testing;

/// <summary>How a container runtime (or a plain program) writes its lines to a file.</summary>
public enum LogFormat
{
    Cri,
    Docker,
    Raw,
}

namespace Tributary.Hosting.Health;

/// <summary>
/// One service's answer to "do you work?". Liveness is about our own loops alone: nothing downstream, because a restart
/// during somebody else's outage would only lose held files. Readiness may ask for a recent look at the world.
/// </summary>
public interface IServiceHealth
{
    /// <summary>The service's name, as it stands in front of a problem.</summary>
    string Service { get; }

    /// <summary>Why this service is not alive; null when it is.</summary>
    string? NotLive();

    /// <summary>Why this service is not ready; null when it is. Being stopped by back-pressure is ready.</summary>
    string? NotReady();
}

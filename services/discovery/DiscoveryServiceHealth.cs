using Tributary.Hosting.Health;

namespace Tributary.Discovery;

/// <summary>Discovery's answer at the health endpoints.</summary>
internal sealed class DiscoveryServiceHealth(DiscoveryHealth health) : IServiceHealth
{
    public string Service => "discovery";

    public string? NotLive() => Problem(health.Live());

    public string? NotReady() => Problem(health.Ready());

    private static string? Problem(HealthFact fact) => fact.Ok ? null : fact.Detail;
}

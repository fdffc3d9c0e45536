using MassTransit;

namespace Tributary.Hosting.Health;

/// <summary>Ready while the bus has its connection. MassTransit reports an outage through the bus's receive endpoints.</summary>
internal sealed class BusHealth(IBusControl bus) : IServiceHealth
{
    public string Service => "bus";

    public string? NotLive() => null;

    public string? NotReady()
    {
        var health = bus.CheckHealth();
        return health.Status == BusHealthStatus.Healthy ? null : health.Description;
    }
}

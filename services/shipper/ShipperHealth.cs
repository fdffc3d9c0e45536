using Tributary.Hosting.Health;

namespace Tributary.Shipper;

/// <summary>The shipper has no loop of its own: its consumers run on the bus, whose connection is the bus's readiness.</summary>
internal sealed class ShipperHealth : IServiceHealth
{
    public string Service => "shipper";

    public string? NotLive() => null;

    public string? NotReady() => null;
}

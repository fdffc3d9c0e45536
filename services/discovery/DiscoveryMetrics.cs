using System.Diagnostics.Metrics;

namespace Tributary.Discovery;

/// <summary>Everything that discovery counts.</summary>
internal sealed class DiscoveryMetrics : IDisposable
{
    public const string MeterName = "Tributary.Discovery";

    private readonly Counter<long> _looks;
    private readonly Counter<long> _published;
    private readonly Counter<long> _publishFailures;
    private readonly Counter<long> _coalesced;
    private readonly Counter<long> _refused;
    private long _running;
    private long _stopped;

    public DiscoveryMetrics()
    {
        Meter = new Meter(MeterName);
        _looks = Meter.CreateCounter<long>("tributary.discovery.looks", description: "Looks at the node, by source and outcome.");
        _published = Meter.CreateCounter<long>("tributary.discovery.events.published", description: "Messages published, by type.");
        _publishFailures = Meter.CreateCounter<long>("tributary.discovery.publish.failures", description: "Failed attempts to publish.");
        _coalesced = Meter.CreateCounter<long>("tributary.discovery.events.coalesced", description: "Changes dropped for a snapshot because the queue was full.");
        _refused = Meter.CreateCounter<long>("tributary.discovery.targets.refused", description: "Targets that fell to the default one, past the namespace's bound.");
        Meter.CreateObservableGauge("tributary.discovery.containers", Containers, description: "Containers on the node, by state.");
    }

    public Meter Meter { get; }

    public void SetContainers(int running, int stopped)
    {
        Volatile.Write(ref _running, running);
        Volatile.Write(ref _stopped, stopped);
    }

    public void LookSucceeded(string source) => _looks.Add(1, new("source", source), new("outcome", "good"));

    public void LookFailed(string source) => _looks.Add(1, new("source", source), new("outcome", "failed"));

    public void Published(string type) => _published.Add(1, new KeyValuePair<string, object?>("type", type));

    public void PublishFailed() => _publishFailures.Add(1);

    public void EventCoalesced() => _coalesced.Add(1);

    public void TargetRefused() => _refused.Add(1);

    public void Dispose() => Meter.Dispose();

    private IEnumerable<Measurement<long>> Containers() =>
    [
        new(Volatile.Read(ref _running), new KeyValuePair<string, object?>("state", "running")),
        new(Volatile.Read(ref _stopped), new KeyValuePair<string, object?>("state", "stopped")),
    ];
}

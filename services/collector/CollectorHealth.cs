using Tributary.Collector.Checkpoints;
using Tributary.Collector.Publishing;
using Tributary.Collector.Spooling;
using Tributary.Collector.Counting;
using Tributary.Collector.Tailing;
using Tributary.Contracts;
using Tributary.Hosting.Health;

namespace Tributary.Collector;

/// <summary>Live while the tail loop ticks. Back-pressure, an absent broker and lag change gauges, not health.</summary>
internal sealed class CollectorHealth : IServiceHealth
{
    private readonly TailLoop _tail;

    public CollectorHealth(TailLoop tail, HeldFiles held, CheckpointHomes homes, BrokerAlarm alarm, BatchSpool spool, CollectorMetrics metrics)
    {
        _tail = tail;
        Gauge(metrics, "tributary.collector.lag", "By", "Bytes in followed files that are not confirmed.", s => s.LagBytes);
        Gauge(metrics, "tributary.collector.in_flight", "By", "Bytes of batches that wait for a confirm.", s => s.HeldBytes);
        Gauge(metrics, "tributary.collector.held_deleted", "By", "Bytes of the disk that deleted files keep until they are read.", _ => held.Bytes);
        Gauge(metrics, "tributary.collector.files.open", "", "Files held open.", s => s.OpenFiles);
        Gauge(metrics, "tributary.collector.sources", "", "Sources followed and not finished.", s => s.Sources.Count(x => x.State != SourceState.Drained));
        metrics.Meter.CreateObservableGauge("tributary.collector.disks.waiting", () => homes.Waiting, "", "Data disks that are not read now: another node's, or not there.");
        metrics.Meter.CreateObservableGauge(
            "tributary.collector.oldest_unconfirmed", () => tail.Status.OldestUnconfirmed.TotalSeconds, "s", "Age of the oldest batch that waits for a confirm; 0 when none does.");
        metrics.Meter.CreateObservableGauge("tributary.collector.spool", () => spool.Bytes, "By", "Bytes of the disk spool.");
        metrics.Meter.CreateObservableGauge("tributary.collector.spool.batches", () => spool.Count, description: "Batches in the disk spool that are not confirmed.");
        metrics.Meter.CreateObservableGauge(
            "tributary.collector.blocked.now", () => alarm.IsBlocked ? 1 : 0, description: "1 while the broker blocks publishers by an alarm.");
        metrics.Meter.CreateObservableCounter(
            "tributary.collector.blocked", () => alarm.Total.TotalSeconds, "s", "Time that the broker blocked publishers by an alarm.");
    }

    public string Service => "collector";

    public string? NotLive() => _tail.Health.Late();

    public string? NotReady() => _tail.Health.Late();

    private void Gauge(CollectorMetrics metrics, string name, string unit, string description, Func<TailStatus, long> value) =>
        metrics.Meter.CreateObservableGauge(name, () => value(_tail.Status), unit, description);
}

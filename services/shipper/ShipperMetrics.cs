using System.Diagnostics.Metrics;

namespace Tributary.Shipper;

/// <summary>The shipper's counters: taken, delivered, dead, by output.</summary>
internal sealed class ShipperMetrics : IDisposable
{
    private readonly Meter _meter = new("Tributary.Shipper");
    private readonly Counter<long> _records;
    private readonly Counter<long> _batches;
    private readonly Counter<long> _dead;
    private readonly Counter<long> _writeErrors;
    private readonly Counter<long> _redelivered;
    private readonly Counter<long> _deliveryErrors;

    public ShipperMetrics()
    {
        _records = _meter.CreateCounter<long>("tributary.shipper.records.delivered", description: "Records that an output has for good.");
        _batches = _meter.CreateCounter<long>("tributary.shipper.batches.delivered", description: "Batches that an output has for good.");
        _dead = _meter.CreateCounter<long>("tributary.shipper.batches.dead", description: "Batches that could not be decoded and went to the dead letter queue.");
        _writeErrors = _meter.CreateCounter<long>("tributary.shipper.write.errors", description: "Writes that failed and are tried again.");
        _redelivered = _meter.CreateCounter<long>("tributary.shipper.batches.redelivered", description: "Batches that the broker delivered again.");
        _deliveryErrors = _meter.CreateCounter<long>("tributary.shipper.delivery.errors", description: "Deliveries, to an output or the dead letter queue, that failed and are tried again.");
    }

    public void Delivered(string output, int records)
    {
        var tag = new KeyValuePair<string, object?>("output", output);
        _records.Add(records, tag);
        _batches.Add(1, tag);
    }

    public void Dead() => _dead.Add(1);

    public void WriteFailed() => _writeErrors.Add(1);

    public void DeliveryFailed() => _deliveryErrors.Add(1);

    public void Redelivered() => _redelivered.Add(1);

    public void Dispose() => _meter.Dispose();
}

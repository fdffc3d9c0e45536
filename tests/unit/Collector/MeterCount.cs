using System.Diagnostics.Metrics;

namespace Tributary.Tests.Unit.Collector;

/// <summary>Sums what a rig's collector adds to one counter, over all its starts.</summary>
internal sealed class MeterCount : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _sum;

    public MeterCount(CollectorRig rig, string counter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == counter && rig.Owns(instrument.Meter))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _sum, value));
    }

    public long Sum => Interlocked.Read(ref _sum);

    public void Listen() => _listener.Start();

    public void Dispose() => _listener.Dispose();
}

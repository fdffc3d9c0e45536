using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Tributary.Hosting.Metrics;

/// <summary>
/// Collects all of this process's <c>Tributary.*</c>, <c>MassTransit</c> and <c>System.Runtime</c> meters when asked,
/// and renders them as Prometheus text. (The OpenTelemetry exporter for Prometheus is a package we cannot have yet.)
/// </summary>
public sealed class MetricsReader : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Exporter _exporter = new();
    private readonly BaseExportingMetricReader _reader;
    private readonly MeterProvider _provider;
    private readonly MetricsSection[] _sections;

    /// <param name="sections">What services write by themselves.</param>
    public MetricsReader(IEnumerable<MetricsSection> sections)
    {
        _sections = [.. sections];
        _reader = new BaseExportingMetricReader(_exporter) { TemporalityPreference = MetricReaderTemporalityPreference.Cumulative };
        _provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter("Tributary.*", "MassTransit", "System.Runtime")
            .AddReader(_reader)
            .SetMaxMetricStreams(500)
            .Build();
    }

    /// <summary>The current values in the Prometheus text format 0.0.4.</summary>
    public string Render()
    {
        lock (_lock)
        {
            _exporter.Text.Clear();
            _reader.Collect(5_000);
            var page = new MetricsWriter(_exporter.Text);
            foreach (var section in _sections)
            {
                section.Write(page);
            }

            return _exporter.Text.ToString();
        }
    }

    public void Dispose() => _provider.Dispose();

    private sealed class Exporter : BaseExporter<Metric>
    {
        public StringBuilder Text { get; } = new();

        public override ExportResult Export(in Batch<Metric> batch)
        {
            PrometheusText.Write(Text, batch);
            return ExportResult.Success;
        }
    }
}

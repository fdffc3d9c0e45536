using Tributary.Collector.Tailing;
using Tributary.Contracts;
using Tributary.Hosting.Metrics;

namespace Tributary.Collector.Reporting;

/// <summary>
/// Per-source series for a bounded number of sources: those followed longest, so that a source keeps its series as long as
/// it is followed. All others are summed as source <c>other</c>, whose counters never fall. Called by one scrape at a time.
/// </summary>
internal sealed class SourceMetrics(TailLoop tail, CollectorOptions options)
{
    private static readonly (string Name, string Help, Func<SourceStatus, double> Value)[] Gauges =
    [
        ("tributary_collector_source_size_bytes", "Bytes in the source's open files.", s => s.SizeBytes),
        ("tributary_collector_source_confirmed_bytes", "Bytes of those that are confirmed.", s => s.ConfirmedBytes),
        ("tributary_collector_source_lag_bytes", "Bytes of those that are not confirmed.", s => s.LagBytes),
    ];

    private const string LagSeconds = "tributary_collector_source_lag_seconds";

    private static readonly (string Name, string Help, Func<SourceStatus, double> Value)[] Counters =
    [
        ("tributary_collector_source_read_bytes_total", "Bytes consumed from the source's files.", s => s.BytesTotal),
        ("tributary_collector_source_lines_total", "Lines read from the source's files.", s => s.LinesTotal),
        ("tributary_collector_source_records_total", "The source's records confirmed by the next hop.", s => s.RecordsTotal),
        ("tributary_collector_source_unparsed_total", "The source's records kept whole because they did not parse.", s => s.UnparsedTotal),
        ("tributary_collector_source_dropped_total", "The source's records dropped by rules.", s => s.Dropped.Values.Sum()),
    ];

    private readonly double[] _others = new double[Counters.Length];
    private Dictionary<string, double[]> _before = new(StringComparer.Ordinal);

    public void Write(MetricsWriter page)
    {
        var (own, others) = Split(tail.Status.Sources.Where(s => s.State != SourceState.Drained));
        foreach (var (name, help, value) in Gauges)
        {
            page.Family(name, "gauge", help);
            own.ForEach(s => page.Sample(name, value(s), Labels(s)));
            page.Sample(name, others.Sum(value), Other);
        }

        page.Family(LagSeconds, "gauge", "Age of the source's oldest byte that is not confirmed.");
        own.ForEach(s => page.Sample(LagSeconds, s.LagSeconds, Labels(s)));
        page.Sample(LagSeconds, others.Count == 0 ? 0 : others.Max(s => s.LagSeconds), Other);
        AddOthers(own, others);
        for (var i = 0; i < Counters.Length; i++)
        {
            var (name, help, value) = Counters[i];
            page.Family(name, "counter", help);
            own.ForEach(s => page.Sample(name, value(s), Labels(s)));
            page.Sample(name, _others[i], Other);
        }
    }

    private static (string, string)[] Other => [("source", "other"), ("path", ""), ("target", "")];

    private static (string, string)[] Labels(SourceStatus source) => [("source", source.Name), ("path", source.Path), ("target", source.Target)];

    /// <summary>Sources come in the order in which they were declared. Two that look alike cannot both have a series.</summary>
    private (List<SourceStatus> Own, List<SourceStatus> Others) Split(IEnumerable<SourceStatus> sources)
    {
        var own = new List<SourceStatus>();
        var others = new List<SourceStatus>();
        var named = new HashSet<(string, string, string)>();
        foreach (var source in sources)
        {
            (own.Count < options.MetricsSourcesMax && named.Add((source.Name, source.Path, source.Target)) ? own : others).Add(source);
        }

        return (own, others);
    }

    private void AddOthers(List<SourceStatus> own, List<SourceStatus> others)
    {
        var now = new Dictionary<string, double[]>(StringComparer.Ordinal);
        foreach (var source in own)
        {
            now[source.Key] = Values(source);
        }

        foreach (var source in others)
        {
            var values = now[source.Key] = Values(source);
            var before = _before.GetValueOrDefault(source.Key);
            for (var i = 0; i < values.Length; i++)
            {
                _others[i] += values[i] - (before?[i] ?? 0);
            }
        }

        _before = now;
    }

    private static double[] Values(SourceStatus source) => Array.ConvertAll(Counters, c => c.Value(source));
}

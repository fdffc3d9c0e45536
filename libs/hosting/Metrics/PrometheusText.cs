using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Tributary.Hosting.Metrics;

/// <summary>
/// OpenTelemetry metrics as Prometheus text, named by the OpenTelemetry compatibility rules: dots become underscores,
/// the unit is appended, counters end in <c>_total</c>; milliseconds become seconds, the base unit, and a gauge does not
/// end in <c>_count</c>, which is a histogram's. Checked with <c>promtool check metrics</c>.
/// </summary>
internal static class PrometheusText
{
    private const string Total = "_total";

    public static void Write(StringBuilder text, in Batch<Metric> batch)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var metric in batch)
        {
            var name = Name(metric);
            if (!seen.Add(name))
            {
                continue;
            }

            var help = string.IsNullOrWhiteSpace(metric.Description) ? metric.Name : metric.Description;
            text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\").Replace("\n", "\\n")).Append('\n');
            text.Append("# TYPE ").Append(name).Append(' ').Append(Type(metric.MetricType)).Append('\n');
            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                Write(text, name, metric.MetricType, point, metric.Unit == "ms" ? 0.001 : 1);
            }
        }
    }

    private static void Write(StringBuilder text, string name, MetricType type, in MetricPoint point, double scale)
    {
        switch (type)
        {
            case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                Sample(text, name, point, point.GetSumLong() * scale);
                break;
            case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                Sample(text, name, point, point.GetSumDouble() * scale);
                break;
            case MetricType.LongGauge:
                Sample(text, name, point, point.GetGaugeLastValueLong() * scale);
                break;
            case MetricType.DoubleGauge:
                Sample(text, name, point, point.GetGaugeLastValueDouble() * scale);
                break;
            case MetricType.Histogram:
                Histogram(text, name, point, scale);
                break;
        }
    }

    private static void Histogram(StringBuilder text, string name, in MetricPoint point, double scale)
    {
        long count = 0;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            count += bucket.BucketCount;
            Sample(text, name + "_bucket", point, count, Number(bucket.ExplicitBound * scale));
        }

        Sample(text, name + "_sum", point, point.GetHistogramSum() * scale);
        Sample(text, name + "_count", point, point.GetHistogramCount());
    }

    private static void Sample(StringBuilder text, string name, in MetricPoint point, double value, string? le = null)
    {
        text.Append(name);
        var separator = '{';
        foreach (var tag in point.Tags)
        {
            Label(text, ref separator, Sanitize(tag.Key), Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "");
        }

        if (le is not null)
        {
            Label(text, ref separator, "le", le);
        }

        text.Append(separator == ',' ? "} " : " ").Append(Number(value)).Append('\n');
    }

    internal static void Label(StringBuilder text, ref char separator, string key, string value)
    {
        text.Append(separator).Append(key).Append("=\"")
            .Append(value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")).Append('"');
        separator = ',';
    }

    internal static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : double.IsNaN(value) ? "NaN"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Type(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => "counter",
        MetricType.Histogram => "histogram",
        _ => "gauge",
    };

    private static string Name(Metric metric)
    {
        var name = Sanitize(metric.Name);
        var isCounter = metric.MetricType is MetricType.LongSum or MetricType.DoubleSum;
        if (isCounter && name.EndsWith(Total, StringComparison.Ordinal))
        {
            name = name[..^Total.Length];
        }

        var unit = Unit(metric.Unit, isCounter);
        if (unit.Length > 0 && !name.EndsWith("_" + unit, StringComparison.Ordinal))
        {
            name += "_" + unit;
        }

        return metric.MetricType switch
        {
            MetricType.LongSum or MetricType.DoubleSum => name + Total,
            MetricType.Histogram => name,
            _ => name.EndsWith("_count", StringComparison.Ordinal) ? name[..^"_count".Length] : name,
        };
    }

    private static string Unit(string unit, bool isCounter) => unit switch
    {
        "By" => "bytes",
        "s" => "seconds",
        "ms" => "seconds",
        "ns" => "nanoseconds",
        "1" when !isCounter => "ratio",
        _ => "",
    };

    private static string Sanitize(string name)
    {
        var clean = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            clean.Append(char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_');
        }

        return clean.Length == 0 || char.IsAsciiDigit(clean[0]) ? "_" + clean : clean.ToString();
    }
}

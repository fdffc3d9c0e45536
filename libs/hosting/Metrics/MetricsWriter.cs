using System.Text;

namespace Tributary.Hosting.Metrics;

/// <summary>Writes families whose label values come and go, which instruments would keep for ever.</summary>
public sealed class MetricsWriter
{
    private readonly StringBuilder _text;

    internal MetricsWriter(StringBuilder text) => _text = text;

    /// <summary>Begins a family.</summary>
    /// <param name="name">Its name as it stands in the page, with unit and suffix.</param>
    /// <param name="type"><c>gauge</c> or <c>counter</c>.</param>
    /// <param name="help">One sentence.</param>
    public void Family(string name, string type, string help) =>
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    /// <summary>One sample of the family.</summary>
    public void Sample(string name, double value, params (string Key, string Value)[] labels)
    {
        _text.Append(name);
        var separator = '{';
        foreach (var (key, text) in labels)
        {
            PrometheusText.Label(_text, ref separator, key, text);
        }

        _text.Append(separator == ',' ? "} " : " ").Append(PrometheusText.Number(value)).Append('\n');
    }
}

/// <summary>A part of <c>/metrics</c> that a service writes by itself; one scrape at a time calls it.</summary>
/// <param name="Write">Writes whole families.</param>
public sealed record MetricsSection(Action<MetricsWriter> Write);

using System.Diagnostics.Metrics;
using System.Globalization;
using Tributary.Hosting.Metrics;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Hosting;

public sealed class PrometheusTextTests : IDisposable
{
    // The reader sees every meter of the process; this one's names are nobody else's.
    private readonly Meter _meter = new("Tributary.RenderTest");
    private readonly MetricsReader _reader = new([]);

    public void Dispose()
    {
        _meter.Dispose();
        _reader.Dispose();
    }

    [Fact]
    public async Task What_is_rendered_passes_promtool()
    {
        MakeOneOfEach();

        var errors = await PromtoolAsync(Own(_reader.Render()));

        Assert.Equal("", errors);
    }

    [Fact]
    public async Task All_of_the_process_is_at_least_parsed_by_promtool()
    {
        MakeOneOfEach();
        var text = _reader.Render();

        Assert.Contains("dotnet_", text, StringComparison.Ordinal);
        Assert.DoesNotContain("error", await PromtoolAsync(text), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Names_carry_unit_and_total()
    {
        MakeOneOfEach();
        var text = _reader.Render();

        Assert.Contains("# TYPE tributary_rendertest_lines_total counter\ntributary_rendertest_lines_total 3\n", text, StringComparison.Ordinal);
        Assert.Contains("\ntributary_rendertest_read_bytes_total 7\n", text, StringComparison.Ordinal);
        Assert.Contains("\ntributary_rendertest_sent_bytes_total 9\n", text, StringComparison.Ordinal);
        Assert.Contains("\ntributary_rendertest_plain_total 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\ntributary_rendertest_fill_ratio 0.5\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE tributary_rendertest_open gauge\ntributary_rendertest_open -2\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Label_values_and_help_are_escaped()
    {
        MakeOneOfEach();
        var text = _reader.Render();

        Assert.Contains("tributary_rendertest_labelled_total{_1=\"True\",a_b=\"x\\\\y\\\"z\\n\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("# HELP tributary_rendertest_labelled_total One \\\\ two\\nthree.\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Buckets_of_a_histogram_are_cumulative_and_end_with_infinity()
    {
        var histogram = _meter.CreateHistogram<double>("tributary.rendertest.wait", "s", "Wait.");
        foreach (var value in (double[])[0.1, 3, 3, 20_000])
        {
            histogram.Record(value);
        }

        var lines = _reader.Render().Split('\n').Where(l => l.StartsWith("tributary_rendertest_wait_seconds", StringComparison.Ordinal)).ToList();
        var buckets = lines.Where(l => l.Contains("_bucket{le=\"", StringComparison.Ordinal)).Select(l => long.Parse(l[(l.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)).ToList();

        Assert.Equal(buckets.Order(), buckets);
        Assert.Equal("tributary_rendertest_wait_seconds_bucket{le=\"+Inf\"} 4", lines.Last(l => l.Contains("_bucket", StringComparison.Ordinal)));
        Assert.Contains("tributary_rendertest_wait_seconds_count 4", lines);
        Assert.Contains("tributary_rendertest_wait_seconds_sum 20006.1", lines);
    }

    [Fact]
    public void Two_looks_do_not_add_up()
    {
        MakeOneOfEach();
        var first = Own(_reader.Render());

        Assert.Equal(first, Own(_reader.Render()));
    }

    private static string Own(string text) =>
        string.Concat(text.Split('\n').Where(l => l.Contains("tributary_rendertest_", StringComparison.Ordinal)).Select(l => l + "\n"));

    private static async Task<string> PromtoolAsync(string text)
    {
        await using var promtool = ChildProcess.Start(InstalledProgram.Find("promtool", "prometheus"), ["check", "metrics"], input: text);
        var code = await promtool.WaitForExitAsync(TimeSpan.FromSeconds(30));
        return code == 0 ? "" : string.Join('\n', promtool.Lines);
    }

    private void MakeOneOfEach()
    {
        _meter.CreateCounter<long>("tributary.rendertest.lines", description: "Lines.").Add(3);
        _meter.CreateCounter<long>("tributary.rendertest.read", "By", "Bytes read.").Add(7);
        _meter.CreateCounter<double>("tributary.rendertest.sent.total", "By", "Bytes sent.").Add(9);
        _meter.CreateCounter<long>("tributary.rendertest.plain", "1", "Plain.").Add(1);
        _meter.CreateObservableGauge("tributary.rendertest.fill", () => 0.5, "1", "Fill.");
        _meter.CreateUpDownCounter<long>("tributary.rendertest.open", description: "Open.").Add(-2);
        _meter.CreateHistogram<double>("tributary.rendertest.latency", "s", "Latency.").Record(0.25);
        _meter.CreateCounter<long>("tributary.rendertest.labelled", description: "One \\ two\nthree.")
            .Add(1, new KeyValuePair<string, object?>("a.b", "x\\y\"z\n"), new KeyValuePair<string, object?>("1", true));
    }
}

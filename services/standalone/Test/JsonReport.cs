using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Standalone.Test;

/// <summary>For scripts: one JSON object a line. The names stay.</summary>
internal sealed class JsonReport(TextWriter output) : ITestReport
{
    private int _passed;
    private int _shown;

    public int Failed { get; private set; }

    public void Sample(string test, string name, SampleOutcome outcome, IReadOnlyList<Difference>? differences)
    {
        foreach (var record in outcome.Records)
        {
            Write(new() { Test = test, Sample = name, Record = record.Json });
        }

        foreach (var (rule, count) in outcome.Dropped)
        {
            Write(new() { Test = test, Sample = name, Dropped = rule, Count = count });
        }

        if (differences is null)
        {
            _shown++;
            return;
        }

        Write(new() { Test = test, Sample = name, Passed = differences.Count == 0, Differences = differences });
        _ = differences.Count == 0 ? _passed++ : Failed++;
    }

    public void End() => output.WriteLine(JsonSerializer.Serialize(new TestTotal(_passed, Failed, _shown), TestJson.Default.TestTotal));

    private void Write(TestLine line) => output.WriteLine(JsonSerializer.Serialize(line, TestJson.Default.TestLine));
}

/// <summary>A record, a drop, or a result of one sample.</summary>
internal sealed record TestLine
{
    public required string Test { get; init; }

    public required string Sample { get; init; }

    public JsonElement? Record { get; init; }

    /// <summary>The rule.</summary>
    public string? Dropped { get; init; }

    public long? Count { get; init; }

    public bool? Passed { get; init; }

    public IReadOnlyList<Difference>? Differences { get; init; }
}

/// <summary>The last line.</summary>
internal sealed record TestTotal(int Passed, int Failed, int Shown);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TestLine))]
[JsonSerializable(typeof(TestTotal))]
[JsonSerializable(typeof(string))]
internal sealed partial class TestJson : JsonSerializerContext;

using System.Globalization;
using System.Text;
using System.Text.Json;
using Tributary.Collector.Trial;
using Tributary.Contracts.Batches;
using Tributary.Shipper.Ndjson;

namespace Tributary.Standalone.Test;

/// <summary>What a sample became, read from the batches that would have been published.</summary>
internal sealed record SampleOutcome(IReadOnlyList<TestRecord> Records, IReadOnlyDictionary<string, long> Dropped)
{
    public static SampleOutcome Of(TrialResult trial) =>
        new([.. trial.Requests.SelectMany(Read).OrderBy(r => r.Offset).ThenBy(r => r.Part)], trial.Dropped);

    /// <summary>The records as a file output writes them.</summary>
    private static List<TestRecord> Read(byte[] request)
    {
        using var lines = new NdjsonBuffer();
        var text = new StringBuilder();
        NdjsonEncoder.Encode(request, lines, piece => text.Append(Encoding.UTF8.GetString(piece.Span)));
        text.Append(Encoding.UTF8.GetString(lines.Written.Span));
        var json = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var records = new List<TestRecord>();
        var reader = new OtlpLogReader(request);
        while (reader.Next(out var record))
        {
            records.Add(TestRecord.Of(JsonDocument.Parse(json[records.Count]).RootElement, record.TimeUnixNano));
        }

        return records;
    }
}

/// <summary>One record.</summary>
/// <param name="Json">As a file output writes it.</param>
/// <param name="TimeUnixNano">When the line was written; 0 when nothing says it.</param>
/// <param name="Offset">Of its first line in the sample.</param>
/// <param name="Part">0, or which part of a split line it is.</param>
internal sealed record TestRecord(JsonElement Json, ulong TimeUnixNano, long Offset, int Part)
{
    public string Body => Json.GetProperty("body") is { ValueKind: JsonValueKind.String } text ? text.GetString()! : Json.GetProperty("body").GetRawText();

    public int Severity => Json.TryGetProperty("severity_number", out var number) ? number.GetInt32() : 0;

    public string SeverityText => Json.TryGetProperty("severity_text", out var text) ? text.GetString()! : "";

    public string Stream => Json.GetProperty("resource").TryGetProperty("log.iostream", out var stream) ? stream.GetString()! : "";

    /// <summary>Empty when nothing says it: the time of reading stands in then.</summary>
    public string Time => TimeUnixNano == 0 ? "" : Json.GetProperty("timestamp").GetString()!;

    public IReadOnlyDictionary<string, JsonElement> Attributes =>
        Json.TryGetProperty("attributes", out var attributes) ? attributes.EnumerateObject().DistinctBy(a => a.Name).ToDictionary(a => a.Name, a => a.Value) : new();

    public static TestRecord Of(JsonElement json, ulong time)
    {
        // log.record.uid is the trial's id, the offset, and the part.
        var place = json.GetProperty("log.record.uid").GetString()!.Split('-')[^1].Split('.');
        return new(json, time, long.Parse(place[0], CultureInfo.InvariantCulture), place.Length > 1 ? int.Parse(place[1], CultureInfo.InvariantCulture) : 0);
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Collector;

namespace Tributary.Standalone.Collect;

/// <summary>What a run of <c>collect</c> did. The JSON names are for scripts and stay.</summary>
internal sealed record CollectAccount
{
    public required long Files { get; init; }

    /// <summary>Lines read, partial ones included.</summary>
    public required long Lines { get; init; }

    /// <summary>Records delivered.</summary>
    public required long Records { get; init; }

    public required long BytesRead { get; init; }

    public required long BatchesConfirmed { get; init; }

    /// <summary>By reason; empty when nothing was.</summary>
    public required IReadOnlyDictionary<string, long> Dropped { get; init; }

    /// <summary>Of this process, user and system.</summary>
    public required double CpuSeconds { get; init; }

    public required long PeakRssBytes { get; init; }

    public required double WallSeconds { get; init; }

    /// <summary>Whether every file was read to its end and delivered.</summary>
    public required bool Drained { get; init; }

    public static CollectAccount Of(Accounting total, TimeSpan wall, bool drained) => new()
    {
        Files = total.Files,
        Lines = total.Lines,
        Records = total.Records,
        BytesRead = total.BytesRead,
        BatchesConfirmed = total.BatchesConfirmed,
        Dropped = total.Dropped,
        CpuSeconds = Math.Round(Environment.CpuUsage.TotalTime.TotalSeconds, 3),
        PeakRssBytes = PeakRss(),
        WallSeconds = Math.Round(wall.TotalSeconds, 3),
        Drained = drained,
    };

    public string ToJson() => JsonSerializer.Serialize(this, CollectJson.Default.CollectAccount);

    public string ToText()
    {
        var dropped = Dropped.Count == 0 ? "0" : string.Join(", ", Dropped.Select(d => $"{d.Value} {d.Key}"));
        return string.Create(CultureInfo.InvariantCulture, $"""
            files              {Files:N0}
            lines              {Lines:N0}
            records            {Records:N0}
            bytes read         {BytesRead:N0}
            batches confirmed  {BatchesConfirmed:N0}
            dropped            {dropped}
            CPU seconds        {CpuSeconds:F2}
            wall seconds       {WallSeconds:F2}
            peak RSS           {PeakRssBytes / 1e6:F0} MB
            """);
    }

    /// <summary>The kernel's high-water mark, which survives what the runtime gave back.</summary>
    private static long PeakRss()
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan(6).Trim().TrimEnd("kB").Trim(), NumberStyles.Integer, CultureInfo.InvariantCulture) * 1024;
            }
        }

        return Environment.WorkingSet;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CollectAccount))]
internal sealed partial class CollectJson : JsonSerializerContext;

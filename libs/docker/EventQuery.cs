using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tributary.Docker;

/// <summary>Builds the query of <c>GET /events</c>.</summary>
internal static class EventQuery
{
    private const long NanosPerSecond = 1_000_000_000;

    public static string Build(long? sinceNano, long? untilNano, IReadOnlyDictionary<string, IReadOnlyList<string>>? filters)
    {
        var parts = new List<string>();
        if (sinceNano is { } since)
        {
            parts.Add("since=" + Time(since));
        }

        if (untilNano is { } until)
        {
            parts.Add("until=" + Time(until));
        }

        if (filters is { Count: > 0 })
        {
            parts.Add("filters=" + Uri.EscapeDataString(Json(filters)));
        }

        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }

    /// <summary><c>seconds.nanoseconds</c>, the engine's own form: a fraction of nine digits keeps every nanosecond.</summary>
    private static string Time(long nanos) =>
        string.Create(CultureInfo.InvariantCulture, $"{nanos / NanosPerSecond}.{nanos % NanosPerSecond:D9}");

    private static string Json(IReadOnlyDictionary<string, IReadOnlyList<string>> filters)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (key, values) in filters)
            {
                json.WriteStartArray(key);
                foreach (var value in values)
                {
                    json.WriteStringValue(value);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}

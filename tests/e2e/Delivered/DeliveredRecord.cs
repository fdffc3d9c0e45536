using System.Text.Json;

namespace Tributary.Tests.E2e.Delivered;

/// <summary>One line of an NDJSON output file.</summary>
/// <param name="Target">The folder it was found in.</param>
/// <param name="Body">The record's text.</param>
/// <param name="Uid">Its <c>log.record.uid</c>.</param>
/// <param name="Resource">What it says of its source.</param>
internal sealed record DeliveredRecord(string Target, string Body, string Uid, IReadOnlyDictionary<string, string> Resource)
{
    public string ContainerId => Resource.GetValueOrDefault("container.id", "");

    /// <summary><c>stdout</c>, <c>stderr</c> or empty.</summary>
    public string Stream => Resource.GetValueOrDefault("log.iostream", "");

    /// <exception cref="JsonException">The line is not whole JSON.</exception>
    public static DeliveredRecord Parse(string target, ReadOnlyMemory<byte> line, Dictionary<string, IReadOnlyDictionary<string, string>> resources)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        var raw = root.GetProperty("resource").GetRawText();
        if (!resources.TryGetValue(raw, out var resource))
        {
            resources[raw] = resource = root.GetProperty("resource").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString());
        }

        return new DeliveredRecord(target, root.GetProperty("body").GetString()!, root.GetProperty("log.record.uid").GetString()!, resource);
    }
}

namespace Tributary.Tests.E2e.Delivered;

/// <summary>Reads the files of a file output while they grow: whole lines only, each once.</summary>
internal sealed class NdjsonFolder(string path)
{
    private readonly Dictionary<string, long> _positions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _resources = new(StringComparer.Ordinal);

    /// <summary>Every file, <c>TARGET/DAY.ndjson</c>.</summary>
    public IReadOnlyList<string> Files => Directory.Exists(path) ? [.. Directory.GetFiles(path, "*.ndjson", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];

    /// <summary>The records that came since the last call.</summary>
    /// <exception cref="System.Text.Json.JsonException">A line that ends is not whole JSON.</exception>
    public List<DeliveredRecord> TakeNew()
    {
        var records = new List<DeliveredRecord>();
        foreach (var file in Files)
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            stream.Position = _positions.GetValueOrDefault(file);
            var bytes = new byte[stream.Length - stream.Position];
            stream.ReadExactly(bytes);
            _positions[file] = stream.Position - bytes.Length + Take(Path.GetFileName(Path.GetDirectoryName(file)!), bytes, records);
        }

        return records;
    }

    private int Take(string target, ReadOnlyMemory<byte> bytes, List<DeliveredRecord> records)
    {
        var taken = 0;
        for (int length; (length = bytes.Span[taken..].IndexOf((byte)'\n')) >= 0; taken += length + 1)
        {
            records.Add(DeliveredRecord.Parse(target, bytes.Slice(taken, length), _resources));
        }

        return taken;
    }
}

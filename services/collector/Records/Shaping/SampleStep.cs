using System.Text;

namespace Tributary.Collector.Records.Shaping;

/// <summary>
/// Keeps a share of the records. It hangs on the record's uid alone, or on the text of one field, so what is read again
/// after a restart is decided the same, here and on any other node.
/// </summary>
internal sealed class SampleStep : IRecordStep
{
    private readonly byte[] _key;
    private readonly double _rate;
    private readonly ulong _below;
    private string _sourceId = "";
    private ulong _sourceHash;

    public SampleStep(string name, double rate, string key)
    {
        Name = name;
        _rate = rate;
        _key = Encoding.UTF8.GetBytes(key);
        _below = rate >= 1 ? ulong.MaxValue : (ulong)(rate * ulong.MaxValue);
    }

    public string Name { get; }

    public bool Apply(LogRecord record)
    {
        var index = _key.Length > 0 ? record.IndexOf(_key) : -1;
        var hash = index >= 0 ? HashOf(record.TextOf(index)) : HashOfUid(record);
        return _rate >= 1 || hash < _below;
    }

    private ulong HashOfUid(LogRecord record)
    {
        if (!ReferenceEquals(_sourceId, record.SourceId))
        {
            _sourceId = record.SourceId;
            _sourceHash = HashOf(Encoding.UTF8.GetBytes(_sourceId));
        }

        return Mix(_sourceHash ^ Mix((ulong)record.Offset ^ ((ulong)record.Part << 48)));
    }

    /// <summary>FNV-1a, then mixed: the same in every process, unlike the runtime's own hash codes.</summary>
    private static ulong HashOf(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in bytes)
        {
            hash = (hash ^ b) * 1099511628211UL;
        }

        return Mix(hash);
    }

    /// <summary>The end of SplitMix64: each bit of the result hangs on every bit given.</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15UL;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}

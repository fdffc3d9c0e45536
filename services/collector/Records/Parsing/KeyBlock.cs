using System.Text;

namespace Tributary.Collector.Records.Parsing;

/// <summary>The names of a format's fields in one piece, so that they are copied into a record at once.</summary>
internal sealed class KeyBlock
{
    private readonly byte[] _bytes;
    private readonly Slice[] _slices;
    private int _start;

    public KeyBlock(params IEnumerable<string> names)
    {
        string[] all = [.. names.Select(FieldList.Safe)];
        _bytes = Encoding.UTF8.GetBytes(string.Concat(all));
        _slices = new Slice[all.Length];
        var at = 0;
        for (var i = 0; i < all.Length; i++)
        {
            _slices[i] = new Slice(at, Encoding.UTF8.GetByteCount(all[i]));
            at += _slices[i].Length;
        }
    }

    public int Count => _slices.Length;

    /// <summary>Copies the names into the record, whose fields follow.</summary>
    public void Begin(LogRecord record) => _start = record.Store(_bytes).Start;

    public void Text(LogRecord record, int key, Slice text) => record.Add(Key(key), FieldKind.Text, text, 0);

    public void Int(LogRecord record, int key, Slice text, long value) => record.Add(Key(key), FieldKind.Int, text, value);

    public Slice Key(int key) => _slices[key] with { Start = _start + _slices[key].Start };
}

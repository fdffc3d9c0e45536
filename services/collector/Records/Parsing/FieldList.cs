using System.Text;
using System.Text.Unicode;

namespace Tributary.Collector.Records.Parsing;

/// <summary>
/// Adds the fields of a record whose names come from the record itself: bounded in number, each name once (the last
/// value counts), and none that identifies a record. Not thread-safe.
/// </summary>
internal sealed class FieldList(int fieldsMax)
{
    private const string ReservedPrefix = "fields.";

    // Which names are there already, by a weak hash: most new names are told by it alone.
    private readonly ulong[] _seen = new ulong[4];
    private LogRecord _record = null!;

    public void Begin(LogRecord record)
    {
        _record = record;
        Array.Clear(_seen);
    }

    /// <summary>False when there are too many.</summary>
    public bool Add(Slice key, FieldKind kind, Slice text, long bits)
    {
        var name = _record[key];
        if (IsReserved(name))
        {
            key = _record.Store([.. Encoding.ASCII.GetBytes(ReservedPrefix), .. name]);
        }
        else if (!Utf8.IsValid(name))
        {
            key = _record.Store(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(name)));
        }

        name = _record[key];
        var hash = name.IsEmpty ? 0 : (name.Length * 31 + name[0] * 7 + name[^1] * 131 + name[name.Length / 2]) & 0xFF;
        ref var word = ref _seen[hash >> 6];
        var bit = 1UL << (hash & 63);
        if ((word & bit) != 0 && _record.IndexOf(name) is >= 0 and var there)
        {
            _record.Fields[there] = new Field(key, kind, text, bits);
            return true;
        }

        word |= bit;
        if (_record.Count >= fieldsMax)
        {
            return false;
        }

        _record.Add(key, kind, text, bits);
        return true;
    }

    /// <summary>A name as a field may have it: what would look like a record's identity gets a prefix.</summary>
    public static string Safe(string name) => IsReserved(Encoding.UTF8.GetBytes(name)) ? ReservedPrefix + name : name;

    private static bool IsReserved(ReadOnlySpan<byte> name) =>
        name.Length >= 10 && name[0] is (byte)'t' or (byte)'l'
        && (name.StartsWith("tributary."u8) || name.SequenceEqual("log.file.record_offset"u8) || name.SequenceEqual("log.record.uid"u8));
}

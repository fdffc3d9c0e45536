using System.Buffers.Text;
using Tributary.Config;

namespace Tributary.Collector.Records.Parsing;

/// <summary>Turns fields from text to what the config says they are. A field that is not stays text, and the record says so.</summary>
internal sealed class FieldTypes
{
    private readonly (byte[] Key, FieldType Type)[] _types;

    public FieldTypes(IReadOnlyDictionary<string, FieldType> types) =>
        _types = [.. types.Where(t => t.Value != FieldType.Text).Select(t => (System.Text.Encoding.UTF8.GetBytes(FieldList.Safe(t.Key)), t.Value))];

    /// <summary>False when one of them is not what it is to be.</summary>
    public bool Apply(LogRecord record)
    {
        var all = true;
        foreach (var (key, type) in _types)
        {
            var at = record.IndexOf(key);
            if (at >= 0 && record.Fields[at] is { Kind: FieldKind.Text } field)
            {
                all &= TryConvert(record, at, field, type);
            }
        }

        return all;
    }

    public static bool TryInt(ReadOnlySpan<byte> text, out long value) =>
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length && used > 0;

    private static bool TryConvert(LogRecord record, int at, Field field, FieldType type)
    {
        var text = record[field.Text].Trim(" \t"u8);
        if (text.IsEmpty || text is [(byte)'-'])
        {
            // No value is none of its type either.
            return true;
        }

        switch (type)
        {
            case FieldType.Int when TryInt(text, out var number):
                record.Fields[at] = field with { Kind = FieldKind.Int, Bits = number };
                return true;
            case FieldType.Float when Utf8Parser.TryParse(text, out double value, out var used) && used == text.Length && double.IsFinite(value):
                record.Fields[at] = field with { Kind = FieldKind.Double, Bits = BitConverter.DoubleToInt64Bits(value) };
                return true;
            case FieldType.Bool when TryBool(text, out var isTrue):
                record.Fields[at] = field with { Kind = FieldKind.Bool, Bits = isTrue ? 1 : 0 };
                return true;
            default:
                return false;
        }
    }

    private static bool TryBool(ReadOnlySpan<byte> text, out bool value)
    {
        value = Is(text, "true"u8) || Is(text, "yes"u8) || Is(text, "on"u8) || Is(text, "1"u8);
        return value || Is(text, "false"u8) || Is(text, "no"u8) || Is(text, "off"u8) || Is(text, "0"u8);
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => System.Text.Ascii.EqualsIgnoreCase(text, word);
}

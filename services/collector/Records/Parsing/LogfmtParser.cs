using Tributary.Config;

namespace Tributary.Collector.Records.Parsing;

/// <summary>
/// logfmt: <c>key=value key="quoted value" key</c>. A key alone is true. A line without any pair is none, so that a
/// sentence does not become fields.
/// </summary>
internal sealed class LogfmtParser(ParseRule rule) : IRecordParser
{
    private readonly FieldList _fields = new(rule.FieldsMax);
    private readonly FieldTypes _types = new(rule.Types);

    public bool TryParse(LogRecord record, out string reason)
    {
        _fields.Begin(record);
        var line = new LineCursor(record.BodyBytes, record.Body.Start);
        var hasPair = false;
        for (line.SkipSpaces(); !line.IsEmpty; line.SkipSpaces())
        {
            var length = line.Left.IndexOfAny((byte)'=', (byte)' ', (byte)'\t');
            var key = line.Take(length < 0 ? line.Left.Length : length);
            if (key.Length == 0 || record[key].Contains((byte)'"'))
            {
                reason = ParseReasons.NotLogfmt;
                return false;
            }

            bool added;
            if (line.TrySkip((byte)'='))
            {
                hasPair = true;
                if (!TryValue(record, ref line, out var value))
                {
                    reason = ParseReasons.Quote;
                    return false;
                }

                added = _fields.Add(key, FieldKind.Text, value, 0);
            }
            else
            {
                added = _fields.Add(key, FieldKind.Bool, default, 1);
            }

            if (!added)
            {
                reason = ParseReasons.TooManyFields;
                return false;
            }
        }

        reason = hasPair ? ParseReasons.Type : ParseReasons.NotLogfmt;
        return hasPair && _types.Apply(record);
    }

    private static bool TryValue(LogRecord record, ref LineCursor line, out Slice value)
    {
        if (!line.Left.StartsWith("\""u8))
        {
            var length = line.Left.IndexOfAny((byte)' ', (byte)'\t');
            value = line.Take(length < 0 ? line.Left.Length : length);
            return true;
        }

        if (!line.TryQuoted(out value))
        {
            return false;
        }

        var text = record[value];
        if (text.Contains((byte)'\\'))
        {
            var target = record.Reserve(text.Length, out var slice);
            value = slice with { Length = Escapes.Unescape(text, target) };
        }

        return true;
    }
}

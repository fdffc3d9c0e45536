using Tributary.Config;

namespace Tributary.Collector.Records.Parsing;

/// <summary>One line of RFC 4180 with any delimiter and quote. A line has exactly the columns that the config names.</summary>
internal sealed class CsvParser(ParseRule rule) : IRecordParser
{
    private readonly KeyBlock _keys = new(rule.Keys);
    private readonly FieldTypes _types = new(rule.Types);
    private readonly byte _delimiter = (byte)rule.Delimiter;
    private readonly byte _quote = (byte)rule.Quote;

    public bool TryParse(LogRecord record, out string reason)
    {
        var text = record.BodyBytes;
        if (text is [.., (byte)'\r'])
        {
            text = text[..^1];
        }

        _keys.Begin(record);
        var line = new LineCursor(text, record.Body.Start);
        for (var column = 0; ; column++)
        {
            if (column == _keys.Count)
            {
                reason = ParseReasons.TooManyColumns;
                return false;
            }

            if (!TryColumn(record, ref line, out var value))
            {
                reason = ParseReasons.Quote;
                return false;
            }

            _keys.Text(record, column, value);
            if (line.IsEmpty)
            {
                reason = column + 1 < _keys.Count ? ParseReasons.TooFewColumns : ParseReasons.Type;
                return column + 1 == _keys.Count && _types.Apply(record);
            }

            // A delimiter at the very end has an empty column behind it.
            _ = line.TrySkip(_delimiter);
            if (line.IsEmpty)
            {
                if (column + 2 == _keys.Count)
                {
                    _keys.Text(record, column + 1, line.Rest);
                    reason = ParseReasons.Type;
                    return _types.Apply(record);
                }

                reason = column + 2 < _keys.Count ? ParseReasons.TooFewColumns : ParseReasons.TooManyColumns;
                return false;
            }
        }
    }

    private bool TryColumn(LogRecord record, ref LineCursor line, out Slice value)
    {
        var left = line.Left;
        if (left.IsEmpty || left[0] != _quote)
        {
            var length = left.IndexOf(_delimiter);
            value = line.Take(length < 0 ? left.Length : length);
            return true;
        }

        var doubled = 0;
        value = default;
        for (var at = 1; at < left.Length; at++)
        {
            var next = left[at..].IndexOf(_quote);
            if (next < 0)
            {
                return false;
            }

            at += next;
            if (at + 1 < left.Length && left[at + 1] == _quote)
            {
                doubled++;
                at++;
                continue;
            }

            var taken = line.Take(at + 1);
            value = new Slice(taken.Start + 1, at - 1);
            value = doubled == 0 ? value : WithoutDoubled(record, value, doubled);
            return line.IsEmpty || line.Left[0] == _delimiter;
        }

        return false;
    }

    private Slice WithoutDoubled(LogRecord record, Slice value, int doubled)
    {
        var text = record[value];
        var target = record.Reserve(text.Length - doubled, out var slice);
        for (int from = 0, to = 0; from < text.Length; from++, to++)
        {
            target[to] = text[from];
            from += text[from] == _quote ? 1 : 0;
        }

        return slice;
    }
}

using System.Buffers.Text;
using System.Text.Json;
using Tributary.Config;
using Tributary.Contracts.Batches;

namespace Tributary.Collector.Records.Parsing;

/// <summary>
/// A line that is one JSON object: its members are the fields. Texts without escapes are slices of the line; nested
/// objects and lists are OTLP values, or dotted names where the config flattens. A whole number beyond 64 bits stays
/// text, digit for digit.
/// </summary>
internal sealed class JsonParser(ParseRule rule) : IRecordParser
{
    private readonly FieldList _fields = new(rule.FieldsMax);
    private readonly OtlpValueWriter _nested = new();
    private readonly JsonReaderOptions _options = new() { MaxDepth = rule.DepthMax };
    private byte[] _text = new byte[256];

    public bool TryParse(LogRecord record, out string reason)
    {
        reason = ParseReasons.NotJson;
        var line = record.BodyBytes;
        var start = line.StartsWith("\uFEFF"u8) ? 3 : 0;
        start += Math.Max(0, line[start..].IndexOfAnyExcept(" \t\r\n"u8));
        line = line[start..];
        if (line.IsEmpty || line[0] != '{')
        {
            return false;
        }

        _fields.Begin(record);
        var json = new Utf8JsonReader(line, _options);
        try
        {
            json.Read();
            if (!TryMembers(record, ref json, record.Body.Start + start, default))
            {
                reason = ParseReasons.TooManyFields;
                return false;
            }

            return !json.Read();
        }
        catch (JsonException)
        {
            // At the start of a list or an object the reader still tells the depth around it.
            var depth = json.CurrentDepth + (json.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject ? 1 : 0);
            reason = depth >= rule.DepthMax ? ParseReasons.TooDeep : ParseReasons.NotJson;
            return false;
        }
    }

    private bool TryMembers(LogRecord record, ref Utf8JsonReader json, int start, Slice prefix)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = TextOf(record, ref json, start);
            if (prefix.Length > 0)
            {
                key = Dotted(record, prefix, key);
            }

            json.Read();
            if (json.TokenType == JsonTokenType.StartObject && rule.Flatten)
            {
                if (!TryMembers(record, ref json, start, key))
                {
                    return false;
                }
            }
            else if (!TryAdd(record, ref json, start, key))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryAdd(LogRecord record, ref Utf8JsonReader json, int start, Slice key)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.String:
                return _fields.Add(key, FieldKind.Text, TextOf(record, ref json, start), 0);
            case JsonTokenType.Number:
                var digits = new Slice(start + (int)json.TokenStartIndex, json.ValueSpan.Length);
                var kind = NumberOf(json.ValueSpan, out var bits);
                return _fields.Add(key, kind, digits, bits);
            case JsonTokenType.True or JsonTokenType.False:
                return _fields.Add(key, FieldKind.Bool, default, json.TokenType == JsonTokenType.True ? 1 : 0);
            default:
                // Null is a value without anything in it.
                _nested.Clear();
                WriteNested(ref json);
                return _fields.Add(key, FieldKind.Encoded, record.Store(_nested.Written), 0);
        }
    }

    private static FieldKind NumberOf(ReadOnlySpan<byte> digits, out long bits)
    {
        if (Utf8Parser.TryParse(digits, out bits, out var used) && used == digits.Length)
        {
            return FieldKind.Int;
        }

        if (digits.IndexOfAny(".eE"u8) >= 0 && Utf8Parser.TryParse(digits, out double value, out used) && used == digits.Length && double.IsFinite(value))
        {
            bits = BitConverter.DoubleToInt64Bits(value);
            return FieldKind.Double;
        }

        bits = 0;
        return FieldKind.Text;
    }

    private static Slice TextOf(LogRecord record, ref Utf8JsonReader json, int start)
    {
        if (!json.ValueIsEscaped)
        {
            return new Slice(start + (int)json.TokenStartIndex + 1, json.ValueSpan.Length);
        }

        var target = record.Reserve(json.ValueSpan.Length, out var slice);
        return slice with { Length = Escapes.Unescape(json.ValueSpan, target) };
    }

    private static Slice Dotted(LogRecord record, Slice prefix, Slice key)
    {
        var target = record.Reserve(prefix.Length + 1 + key.Length, out var slice);
        record[prefix].CopyTo(target);
        target[prefix.Length] = (byte)'.';
        record[key].CopyTo(target[(prefix.Length + 1)..]);
        return slice;
    }

    private void WriteNested(ref Utf8JsonReader json)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.StartObject:
                var map = _nested.BeginMap();
                while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
                {
                    var member = _nested.BeginMember(Unescaped(ref json));
                    json.Read();
                    WriteNested(ref json);
                    _nested.EndMember(member);
                }

                _nested.End(map);
                break;
            case JsonTokenType.StartArray:
                var array = _nested.BeginArray();
                while (json.Read() && json.TokenType != JsonTokenType.EndArray)
                {
                    var element = _nested.BeginElement();
                    WriteNested(ref json);
                    _nested.End(element);
                }

                _nested.End(array);
                break;
            case JsonTokenType.String:
                _nested.Text(Unescaped(ref json));
                break;
            case JsonTokenType.Number:
                WriteNumber(json.ValueSpan);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                _nested.Bool(json.TokenType == JsonTokenType.True);
                break;
        }
    }

    private void WriteNumber(ReadOnlySpan<byte> digits)
    {
        switch (NumberOf(digits, out var bits))
        {
            case FieldKind.Int:
                _nested.Int(bits);
                break;
            case FieldKind.Double:
                _nested.Double(BitConverter.Int64BitsToDouble(bits));
                break;
            default:
                _nested.Text(digits);
                break;
        }
    }

    private ReadOnlySpan<byte> Unescaped(ref Utf8JsonReader json)
    {
        if (!json.ValueIsEscaped)
        {
            return json.ValueSpan;
        }

        if (_text.Length < json.ValueSpan.Length)
        {
            _text = new byte[json.ValueSpan.Length];
        }

        return _text.AsSpan(0, Escapes.Unescape(json.ValueSpan, _text));
    }
}

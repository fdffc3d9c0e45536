using System.Text;
using Tributary.Config;
using Tributary.Contracts.Batches;

namespace Tributary.Collector.Records.Parsing;

/// <summary>
/// Syslog as on the wire and as in files: RFC 5424 with structured data, RFC 3164 with or without priority, and with
/// the RFC 3339 times that rsyslog writes. A time without a year is taken as the latest possible.
/// </summary>
internal sealed class SyslogParser(ParseRule rule) : IRecordParser
{
    private const int Facility = 0, Host = 1, App = 2, Pid = 3, MessageId = 4, Data = 5, Message = 6, Priority = 7;

    private static readonly byte[][] Levels =
        [.. new[] { "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug" }.Select(Encoding.ASCII.GetBytes)];

    private readonly bool _isOtel = rule.Names == FieldNames.Otel;

    private readonly KeyBlock _keys = new(rule.Names == FieldNames.Otel
        ? ["syslog.facility.code", "syslog.hostname", "syslog.appname", "syslog.procid", "syslog.msgid", "syslog.structured_data", "message", "pri"]
        : ["facility", "host", "ident", "pid", "msgid", "extradata", "message", "pri"]);

    private readonly TimeReader _rfc3339 = new(TimeFormat.Rfc3339, rule.Time.Zone);
    private readonly TimeReader _old = new(TimeFormat.Of("%b %d %H:%M:%S"), rule.Time.Zone);
    private readonly Severities _severities = new(rule.Severity.Map);
    private readonly OtlpValueWriter _data = new();
    private byte[] _text = new byte[256];

    public bool TryParse(LogRecord record, out string reason)
    {
        reason = ParseReasons.NotSyslog;
        var line = new LineCursor(record.BodyBytes, record.Body.Start);
        var priority = -1;
        Slice digits = default;
        if (line.TrySkip((byte)'<') && !(line.TryUntil((byte)'>', out digits) && digits.Length <= 3
            && FieldTypes.TryInt(record[digits], out var number) && number is >= 0 and <= 191 && (priority = (int)number) >= 0))
        {
            return false;
        }

        _keys.Begin(record);
        if (priority >= 0)
        {
            AddPriority(record, priority, digits);
        }

        return priority >= 0 && line.TrySkip("1 "u8)
            ? TryNew(record, ref line, out reason)
            : TryOld(record, ref line, out reason);
    }

    private void AddPriority(LogRecord record, int priority, Slice digits)
    {
        var level = Levels[priority & 7];
        record.SeverityText = record.Store(level);
        record.SeverityNumber = _severities.NumberOf(level);
        if (_isOtel)
        {
            _keys.Int(record, Facility, default, priority >> 3);
        }
        else
        {
            _keys.Int(record, Priority, digits, priority);
        }
    }

    private bool TryNew(LogRecord record, ref LineCursor line, out string reason)
    {
        reason = ParseReasons.NotSyslog;
        if (!line.TryUntil((byte)' ', out var time) || !line.TryUntil((byte)' ', out var host) || !line.TryUntil((byte)' ', out var app)
            || !line.TryUntil((byte)' ', out var pid) || !line.TryUntil((byte)' ', out var id))
        {
            return false;
        }

        AddNamed(record, Host, host);
        AddNamed(record, App, app);
        AddNamed(record, Pid, pid);
        AddNamed(record, MessageId, id);
        if (!line.TrySkip((byte)'-') && !TryData(record, ref line))
        {
            return false;
        }

        if (!line.IsEmpty && !line.TrySkip((byte)' '))
        {
            return false;
        }

        _ = line.TrySkip("\uFEFF"u8);
        _keys.Text(record, Message, line.Rest);
        if (record[time].SequenceEqual("-"u8))
        {
            return true;
        }

        return TryTime(record, _rfc3339, time, out reason);
    }

    private bool TryOld(LogRecord record, ref LineCursor line, out string reason)
    {
        reason = ParseReasons.NotSyslog;
        var times = _old;
        Slice time;
        if (!line.IsEmpty && char.IsAsciiDigit((char)line.Left[0]))
        {
            times = _rfc3339;
            if (!line.TryUntil((byte)' ', out time))
            {
                return false;
            }
        }
        else
        {
            if (line.Left.Length < 16 || line.Left[15] != ' ' || line.Left[3] != ' ' || line.Left[9] != ':')
            {
                return false;
            }

            time = line.Take(15);
            _ = line.TrySkip((byte)' ');
        }

        if (!times.TryRead(record[time], record.ReferenceTime, out _))
        {
            // Without a time nothing tells that it is syslog at all.
            return false;
        }

        AddOrigin(record, ref line);
        _keys.Text(record, Message, line.Rest);
        return TryTime(record, times, time, out reason);
    }

    /// <summary>Host, and tag with process id as far as they are there; what looks like neither is the message.</summary>
    private void AddOrigin(LogRecord record, ref LineCursor line)
    {
        var host = line.Left.IndexOf((byte)' ');
        if (host > 0 && line.Left[host - 1] != ':' && line.Left[host - 1] != ']')
        {
            AddNamed(record, Host, line.Take(host));
            _ = line.TrySkip((byte)' ');
        }

        var end = line.Left.IndexOfAny((byte)'[', (byte)':', (byte)' ');
        if (end <= 0 || line.Left[end] == ' ')
        {
            return;
        }

        var rest = line.Left[end..];
        var close = rest[0] == '[' ? rest.IndexOf("]"u8) : 0;
        if (close < 0 || (rest[0] == '[' && (rest.Length <= close + 1 || rest[close + 1] is not ((byte)':' or (byte)' '))))
        {
            return;
        }

        _keys.Text(record, App, line.Take(end));
        if (line.TrySkip((byte)'['))
        {
            AddNamed(record, Pid, line.Take(close - 1));
            _ = line.TrySkip((byte)']');
        }

        _ = line.TrySkip((byte)':');
        _ = line.TrySkip((byte)' ');
    }

    private static bool TryTime(LogRecord record, TimeReader times, Slice time, out string reason)
    {
        reason = ParseReasons.Time;
        if (!times.TryRead(record[time], record.ReferenceTime, out var unixNano))
        {
            return false;
        }

        record.TimeUnixNano = unixNano;
        return true;
    }

    /// <summary><c>[id name="value" …][id …]</c>, as a map of maps; with Fluentd's names as it is written.</summary>
    private bool TryData(LogRecord record, ref LineCursor line)
    {
        var start = line.Rest.Start;
        _data.Clear();
        var map = _data.BeginMap();
        var any = false;
        while (line.TrySkip((byte)'['))
        {
            any = true;
            if (!TryElement(record, ref line))
            {
                return false;
            }
        }

        _data.End(map);
        if (!any)
        {
            return false;
        }

        if (_isOtel)
        {
            record.Add(_keys.Key(Data), FieldKind.Encoded, record.Store(_data.Written), 0);
        }
        else
        {
            _keys.Text(record, Data, new Slice(start, line.Rest.Start - start));
        }

        return true;
    }

    private bool TryElement(LogRecord record, ref LineCursor line)
    {
        var end = line.Left.IndexOfAny((byte)' ', (byte)']');
        if (end <= 0)
        {
            return false;
        }

        var element = _data.BeginMember(record[line.Take(end)]);
        var parameters = _data.BeginMap();
        while (line.TrySkip((byte)' '))
        {
            if (!line.TryUntil((byte)'=', out var name) || !line.TryQuoted(out var value))
            {
                return false;
            }

            var member = _data.BeginMember(record[name]);
            _data.Text(Unescaped(record[value]));
            _data.EndMember(member);
        }

        _data.End(parameters);
        _data.EndMember(element);
        return line.TrySkip((byte)']');
    }

    /// <summary>Quote, backslash and closing bracket are escaped, and nothing else.</summary>
    private ReadOnlySpan<byte> Unescaped(ReadOnlySpan<byte> value)
    {
        if (!value.Contains((byte)'\\'))
        {
            return value;
        }

        if (_text.Length < value.Length)
        {
            _text = new byte[value.Length];
        }

        var length = 0;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length && value[i + 1] is (byte)'"' or (byte)'\\' or (byte)']')
            {
                i++;
            }

            _text[length++] = value[i];
        }

        return _text.AsSpan(0, length);
    }

    private void AddNamed(LogRecord record, int key, Slice text)
    {
        if (text.Length > 0 && !record[text].SequenceEqual("-"u8))
        {
            _keys.Text(record, key, text);
        }
    }
}

using Tributary.Config;

namespace Tributary.Collector.Records.Parsing;

/// <summary>Apache's error log, of 2.2 and of 2.4: <c>[time] [module:level] [pid 1:tid 2] [client 1.2.3.4:5] message</c>.</summary>
internal sealed class ErrorLogParser(ParseRule rule) : IRecordParser
{
    private const int Module = 0, Level = 1, Pid = 2, Tid = 3, Client = 4, Port = 5, Message = 6;

    private readonly bool _isOtel = rule.Names == FieldNames.Otel;

    private readonly KeyBlock _keys = new(rule.Names == FieldNames.Otel
        ? ["apache.module", "level", "process.pid", "thread.id", "client.address", "client.port", "message"]
        : ["module", "level", "pid", "tid", "client", "port", "message"]);

    private readonly TimeReader _whole = new(TimeFormat.Of("%a %b %d %H:%M:%S %Y"), rule.Time.Zone);
    private readonly TimeReader _fraction = new(TimeFormat.Of("%a %b %d %H:%M:%S.%N %Y"), rule.Time.Zone);
    private readonly Severities _severities = new(rule.Severity.Map);

    public bool TryParse(LogRecord record, out string reason)
    {
        reason = ParseReasons.NotErrorLog;
        var line = new LineCursor(record.BodyBytes, record.Body.Start);
        if (!line.TrySkip((byte)'[') || !line.TryUntil((byte)']', out var time) || !line.TrySkip(" ["u8) || !line.TryUntil((byte)']', out var level))
        {
            return false;
        }

        _keys.Begin(record);
        AddLevel(record, level);
        while (line.Left.StartsWith(" [pid "u8) || line.Left.StartsWith(" [client "u8))
        {
            var isPid = line.TrySkip(" [pid "u8);
            _ = isPid || line.TrySkip(" [client "u8);
            if (!line.TryUntil((byte)']', out var value))
            {
                return false;
            }

            if (isPid)
            {
                AddPid(record, value);
            }
            else
            {
                AddClient(record, value);
            }
        }

        _ = line.TrySkip((byte)' ');
        _keys.Text(record, Message, line.Rest);
        var text = record[time];
        if (!(text.Contains((byte)'.') ? _fraction : _whole).TryRead(text, record.ReferenceTime, out var unixNano))
        {
            reason = ParseReasons.Time;
            return false;
        }

        record.TimeUnixNano = unixNano;
        return true;
    }

    private void AddLevel(LogRecord record, Slice level)
    {
        var text = record[level];
        var colon = text.IndexOf((byte)':');
        if (colon > 0)
        {
            _keys.Text(record, Module, level with { Length = colon });
        }

        level = new Slice(level.Start + colon + 1, level.Length - colon - 1);
        record.SeverityText = level;
        record.SeverityNumber = _severities.NumberOf(record[level]);
        if (!_isOtel)
        {
            _keys.Text(record, Level, level);
        }
    }

    private void AddPid(LogRecord record, Slice pid)
    {
        var text = record[pid];
        var tid = text.IndexOf(":tid "u8);
        AddNumber(record, Pid, tid < 0 ? pid : pid with { Length = tid });
        if (tid >= 0)
        {
            AddNumber(record, Tid, new Slice(pid.Start + tid + 5, pid.Length - tid - 5));
        }
    }

    private void AddNumber(LogRecord record, int key, Slice text)
    {
        if (FieldTypes.TryInt(record[text], out var value))
        {
            _keys.Int(record, key, text, value);
        }
        else
        {
            _keys.Text(record, key, text);
        }
    }

    /// <summary>An address of IPv4 or a name may have a port behind it; an address of IPv6 has one behind its last colon too.</summary>
    private void AddClient(LogRecord record, Slice client)
    {
        var text = record[client];
        var colon = text.LastIndexOf((byte)':');
        if (_isOtel && colon > 0 && FieldTypes.TryInt(text[(colon + 1)..], out var port) && port is > 0 and <= 65_535
            && (text.IndexOf((byte)':') == colon || text[..colon].Count((byte)':') == 7 || text[colon - 1] == ']'))
        {
            _keys.Text(record, Client, client with { Length = colon });
            _keys.Int(record, Port, new Slice(client.Start + colon + 1, text.Length - colon - 1), port);
            return;
        }

        _keys.Text(record, Client, client);
    }
}

using Tributary.Config;

namespace Tributary.Collector.Records.Parsing;

/// <summary>
/// The access logs of nginx (<c>combined</c>) and Apache (<c>common</c>, <c>combined</c>). Further columns behind the
/// agent are kept as one field. A dash is no value. Fields are slices of the line.
/// </summary>
internal sealed class AccessLogParser(bool isNginx, FieldNames names) : IRecordParser
{
    private const int Remote = 0, Host = 1, User = 2, Method = 3, Path = 4, Query = 5, Protocol = 6, Code = 7, Size = 8, Referer = 9, Agent = 10, ForwardedFor = 11, Rest = 12, Request = 13;

    private readonly bool _isOtel = names == FieldNames.Otel;

    private readonly KeyBlock _keys = new(names == FieldNames.Otel
        ?
        [
            "client.address", "server.address", "user.name", "http.request.method", "url.path", "url.query", "network.protocol.version",
            "http.response.status_code", "http.response.body.size", "http.request.header.referer", "user_agent.original",
            "http.request.header.x-forwarded-for", "http.log.rest", "url.original",
        ]
        :
        [
            isNginx ? "remote" : "host", isNginx ? "host" : "ident", "user", "method", "path", "query", "protocol",
            "code", "size", "referer", "agent", "http_x_forwarded_for", "rest", "path",
        ]);

    private readonly TimeReader _times = new(TimeFormat.Of("%d/%b/%Y:%H:%M:%S %z"), TimeZoneInfo.Utc);

    public bool TryParse(LogRecord record, out string reason)
    {
        reason = ParseReasons.NotAccessLog;
        var line = new LineCursor(record.BodyBytes, record.Body.Start);
        if (!line.TryUntil((byte)' ', out var remote) || !line.TryUntil((byte)' ', out var host) || !line.TryUntil((byte)' ', out var user)
            || !line.TrySkip((byte)'[') || !line.TryUntil((byte)']', out var time)
            || !line.TrySkip((byte)' ') || !line.TryQuoted(out var request) || !line.TrySkip((byte)' ')
            || remote.Length == 0)
        {
            return false;
        }

        if (!line.TryUntilOrEnd((byte)' ', out var code) || !line.TryUntilOrEnd((byte)' ', out var size))
        {
            return false;
        }

        Slice referer = default, agent = default;
        if (!line.IsEmpty && !(line.TryQuoted(out referer) && line.TrySkip((byte)' ') && line.TryQuoted(out agent)))
        {
            return false;
        }

        if (!TryNumber(record[code], out var status) || !TryNumber(record[size], out var bytes))
        {
            return false;
        }

        _keys.Begin(record);
        Add(record, Remote, remote);
        if (_isOtel)
        {
            Named(record, isNginx ? Host : -1, host);
        }
        else if (isNginx)
        {
            Add(record, Host, host);
        }

        Named(record, User, user);
        AddRequest(record, request);
        AddNumber(record, Code, code, status);
        AddNumber(record, Size, size, bytes);
        Named(record, Referer, referer);
        Named(record, Agent, agent);
        AddRest(record, ref line);
        if (!_times.TryRead(record[time], 0, out var unixNano))
        {
            reason = ParseReasons.Time;
            return false;
        }

        record.TimeUnixNano = unixNano;
        return true;
    }

    private void AddRequest(LogRecord record, Slice request)
    {
        var text = record[request];
        var method = text.IndexOf((byte)' ');
        if (method <= 0 || text[..method].IndexOfAnyExceptInRange((byte)'!', (byte)'~') >= 0)
        {
            // No HTTP at all: a port scan, TLS spoken to a plain port.
            Named(record, _isOtel ? Request : Method, request);
            return;
        }

        Add(record, Method, request with { Length = method });
        var target = text[(method + 1)..];
        var start = request.Start + method + 1;
        var protocol = target.LastIndexOf((byte)' ');
        if (protocol >= 0 && target[(protocol + 1)..].StartsWith("HTTP/"u8))
        {
            if (_isOtel)
            {
                Add(record, Protocol, new Slice(start + protocol + 6, target.Length - protocol - 6));
            }

            target = target[..protocol];
        }

        var query = _isOtel ? target.IndexOf((byte)'?') : -1;
        Add(record, Path, new Slice(start, query < 0 ? target.Length : query));
        if (query >= 0)
        {
            Add(record, Query, new Slice(start + query + 1, target.Length - query - 1));
        }
    }

    private void AddRest(LogRecord record, ref LineCursor line)
    {
        if (!line.TrySkip((byte)' '))
        {
            return;
        }

        if (line.TryQuoted(out var forwarded))
        {
            Named(record, ForwardedFor, forwarded);
            _ = line.TrySkip((byte)' ');
        }

        if (!line.IsEmpty)
        {
            // Fluentd takes a single column for the forwarded address, in quotes or not.
            Add(record, !_isOtel && isNginx && !line.Left.Contains((byte)' ') ? ForwardedFor : Rest, line.Rest);
        }
    }

    private void Add(LogRecord record, int key, Slice text) => _keys.Text(record, key, text);

    /// <summary>A dash says that there is none; with Fluentd's names it is kept as it is there.</summary>
    private void Named(LogRecord record, int key, Slice text)
    {
        if (key >= 0 && text.Length > 0 && !(_isOtel && text.Length == 1 && record[text][0] == '-'))
        {
            Add(record, key, text);
        }
    }

    private void AddNumber(LogRecord record, int key, Slice text, long value)
    {
        if (value >= 0)
        {
            _keys.Int(record, key, text, value);
        }
        else
        {
            Named(record, key, text);
        }
    }

    /// <summary>A dash is -1.</summary>
    private static bool TryNumber(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (text is [(byte)'-'])
        {
            value = -1;
            return true;
        }

        foreach (var b in text)
        {
            if ((uint)(b - '0') > 9)
            {
                return false;
            }

            value = value * 10 + (b - '0');
        }

        return text.Length is > 0 and <= 18;
    }
}

using Tributary.Config;

namespace Tributary.Collector.Records.Parsing;

/// <summary>Builds the parser of a rule.</summary>
internal static class RecordParsers
{
    /// <summary>Null when nothing is parsed.</summary>
    public static IRecordParser? Build(ParseRule rule) => Format(rule) is { } format ? new ConfiguredParser(format, rule) : null;

    private static IRecordParser? Format(ParseRule rule) => rule.Format switch
    {
        ParseFormat.Json => new JsonParser(rule),
        ParseFormat.Csv => new CsvParser(rule),
        ParseFormat.Nginx => new AccessLogParser(isNginx: true, rule.Names),
        ParseFormat.Apache2 => new AccessLogParser(isNginx: false, rule.Names),
        ParseFormat.ApacheError => new ErrorLogParser(rule),
        ParseFormat.Regexp => new RegexpParser(rule),
        ParseFormat.Logfmt => new LogfmtParser(rule),
        ParseFormat.Syslog => new SyslogParser(rule),
        _ => null,
    };
}

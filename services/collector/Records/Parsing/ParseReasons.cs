namespace Tributary.Collector.Records.Parsing;

/// <summary>Why a record does not parse: values of the attribute <c>tributary.parse.error</c>, and labels of a metric.</summary>
internal static class ParseReasons
{
    public const string NotJson = "not_json";
    public const string TooDeep = "too_deep";
    public const string NotAccessLog = "not_access_log";
    public const string NotErrorLog = "not_error_log";
    public const string NotSyslog = "not_syslog";
    public const string NotLogfmt = "not_logfmt";
    public const string NoMatch = "no_match";
    public const string TooLong = "too_long";
    public const string Timeout = "timeout";
    public const string Quote = "quote";
    public const string TooFewColumns = "too_few_columns";
    public const string TooManyColumns = "too_many_columns";
    public const string TooManyFields = "too_many_fields";

    /// <summary>The fields are there, the time is not: it stays a field.</summary>
    public const string Time = "time";

    /// <summary>The fields are there; one that is to be a number or a bool stays text.</summary>
    public const string Type = "type";

    /// <summary>Whether what was understood is kept.</summary>
    public static bool IsPartial(string reason) => reason is Time or Type;
}

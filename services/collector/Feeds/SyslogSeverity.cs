namespace Tributary.Collector.Feeds;

/// <summary>Syslog's severities as OTel's. Source: OpenTelemetry log data model, appendix B.</summary>
internal static class SyslogSeverity
{
    private static ReadOnlySpan<byte> Numbers => [21, 19, 18, 17, 13, 10, 9, 5];

    /// <summary>OTel's number of syslog's 0 (emergency) to 7 (debug); 0 for anything else.</summary>
    public static int ToOtel(int severity) => (uint)severity < (uint)Numbers.Length ? Numbers[severity] : 0;
}

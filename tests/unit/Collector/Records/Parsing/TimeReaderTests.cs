using System.Globalization;
using System.Text;
using Tributary.Collector.Records.Parsing;
using Tributary.Config;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Records.Parsing;

public sealed class TimeReaderTests
{
    [Theory]
    [InlineData("rfc3339", "2026-11-21T10:00:00.123456789Z", "2026-11-21T10:00:00.123456789Z")]
    [InlineData("rfc3339", "2026-11-21 10:00:00,123+08:00", "2026-11-21T02:00:00.123000000Z")]
    [InlineData("rfc3339", "2026-11-21T10:00:00.5-0330", "2026-11-21T13:30:00.500000000Z")]
    [InlineData("rfc3339", "2026-11-21T10:00:00", "2026-11-21T10:00:00.000000000Z")]
    [InlineData("rfc3339", "2026-11-21 10:00:00,1", "2026-11-21T10:00:00.100000000Z")]
    [InlineData("unix", "1795255200", "2026-11-21T10:00:00.000000000Z")]
    [InlineData("unix", "1795255200.123456789", "2026-11-21T10:00:00.123456789Z")]
    [InlineData("unix_ms", "1795255200123", "2026-11-21T10:00:00.123000000Z")]
    [InlineData("unix_ms", "1795255200123.456", "2026-11-21T10:00:00.123456000Z")]
    [InlineData("unix_us", "1795255200123456", "2026-11-21T10:00:00.123456000Z")]
    [InlineData("unix_ns", "1795255200123456789", "2026-11-21T10:00:00.123456789Z")]
    [InlineData("%Y-%m-%dT%H:%M:%S.%L%z", "2026-11-21T10:00:00.123+0800", "2026-11-21T02:00:00.123000000Z")]
    [InlineData("%Y-%m-%dT%H:%M:%S.%N%:z", "2026-11-21T10:00:00.123456789+08:00", "2026-11-21T02:00:00.123456789Z")]
    [InlineData("%d/%b/%Y:%H:%M:%S %z", "21/Nov/2026:10:00:00 -0000", "2026-11-21T10:00:00.000000000Z")]
    [InlineData("%a, %d %B %Y %I:%M:%S %p %Z", "Sat, 21 november 2026 10:00:00 PM GMT", "2026-11-21T22:00:00.000000000Z")]
    [InlineData("%Y%m%d %T", "20261121 10:00:00", "2026-11-21T10:00:00.000000000Z")]
    [InlineData("%F %T,%3N", "2026-11-21 10:00:00,123", "2026-11-21T10:00:00.123000000Z")]
    [InlineData("%y/%m/%d %H:%M", "26/11/21 10:00", "2026-11-21T10:00:00.000000000Z")]
    [InlineData("%m/%d/%y %H:%M", "1/2/70 10:00", "1970-01-02T10:00:00.000000000Z")]
    [InlineData("%Y %j %T", "2024 366 23:59:60", "2025-01-01T00:00:00.000000000Z")]
    [InlineData("%s.%f", "1795255200.000001", "2026-11-21T10:00:00.000001000Z")]
    [InlineData("%I:%M %p %F", "12:30 am 2026-11-21", "2026-11-21T00:30:00.000000000Z")]
    [InlineData("[%e/%b/%Y] %k:%M", "[ 1/Nov/2026]  9:05", "2026-11-01T09:05:00.000000000Z")]
    public void A_time_is_read(string format, string text, string expected) => Assert.Equal(Nanos(expected), Read(format, text));

    [Theory]
    [InlineData("rfc3339", "yesterday")]
    [InlineData("rfc3339", "2026-13-21T10:00:00Z")]
    [InlineData("rfc3339", "")]
    [InlineData("unix", "-1")]
    [InlineData("unix", "1.5e9")]
    [InlineData("unix", "99999999999999999999")]
    [InlineData("unix", "12 ")]
    [InlineData("%Y-%m-%d %H", "2026-02-29 10")]
    [InlineData("%Y-%m-%d %H", "2026-02-28 24")]
    [InlineData("%Y-%m-%d %H", "2026-02-28 10x")]
    [InlineData("%Y-%m-%d %H %Z", "2026-02-28 10 CST")]
    [InlineData("%Y-%m-%d %H", "1960-02-28 10")]
    [InlineData("%Y-%m-%d %H", "9999-02-28 10")]
    [InlineData("%d %b %Y %H", "1 Foo 2026 10")]
    [InlineData("%I:%M %p %F", "13:30 am 2026-11-21")]
    [InlineData("%Y %j %H", "2026 366 10")]
    public void What_is_no_time_is_refused(string format, string text) => Assert.Null(Read(format, text));

    [Theory]
    [InlineData("Dec 31 23:59:59", "2027-01-01T00:00:05Z", "2026-12-31T23:59:59Z")]
    [InlineData("Jan  1 00:00:01", "2027-01-01T00:00:05Z", "2027-01-01T00:00:01Z")]
    [InlineData("Jan  1 00:00:01", "2026-12-31T23:59:00Z", "2027-01-01T00:00:01Z")]
    [InlineData("Nov 20 10:00:00", "2026-11-21T10:00:00Z", "2026-11-20T10:00:00Z")]
    [InlineData("Nov 23 10:00:00", "2026-11-21T10:00:00Z", "2025-11-23T10:00:00Z")]
    [InlineData("Feb 29 10:00:00", "2026-11-21T10:00:00Z", "2024-02-29T10:00:00Z")]
    public void A_time_without_a_year_is_the_latest_that_is_not_in_the_future(string text, string reference, string expected) =>
        Assert.Equal(Nanos(expected), Read("%b %d %H:%M:%S", text, reference: Nanos(reference)));

    [Theory]
    [InlineData("UTC", "2026-07-01 10:00:00", "2026-07-01T10:00:00Z")]
    [InlineData("+08:00", "2026-07-01 10:00:00", "2026-07-01T02:00:00Z")]
    [InlineData("-03:30", "2026-07-01 10:00:00", "2026-07-01T13:30:00Z")]
    public void The_zone_holds_where_the_text_names_none(string zone, string text, string expected)
    {
        var config = ParsingRig.Read($"{{format: logfmt, time: {{key: t, format: '%F %T', zone: '{zone}'}}}}").Parse;

        Assert.Equal(Nanos(expected), Read(config.Time.Format, config.Time.Zone, text));
    }

    [Fact]
    public void Summer_time_is_followed_and_an_hour_that_comes_twice_is_taken_by_standard_time()
    {
        var rule = TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
            new DateTime(2000, 1, 1), new DateTime(2100, 1, 1), TimeSpan.FromHours(1),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday));
        var zone = TimeZoneInfo.CreateCustomTimeZone("middle", TimeSpan.FromHours(1), "middle", "middle", "middle summer", [rule]);
        var reader = new TimeReader(TimeFormat.Of("%F %T"), zone);

        ulong? At(string text) => reader.TryRead(Encoding.UTF8.GetBytes(text), 0, out var nanos) ? nanos : null;

        Assert.Equal(Nanos("2026-07-01T10:00:00Z"), At("2026-07-01 12:00:00"));
        Assert.Equal(Nanos("2026-12-01T11:00:00Z"), At("2026-12-01 12:00:00"));
        Assert.Equal(Nanos("2026-10-25T01:30:00Z"), At("2026-10-25 02:30:00"));
        Assert.Equal(Nanos("2026-03-29T01:30:00Z"), At("2026-03-29 02:30:00"));
    }

    private static ulong? Read(string format, string text, ulong reference = ParsingRig.Observed) =>
        Read(TimeFormat.Of(format), TimeZoneInfo.Utc, text, reference);

    /// <summary>Twice, with another between: what is remembered must not matter.</summary>
    private static ulong? Read(TimeFormat format, TimeZoneInfo zone, string text, ulong reference = ParsingRig.Observed)
    {
        var reader = new TimeReader(format, zone);
        ulong? Once() => reader.TryRead(Encoding.UTF8.GetBytes(text), reference, out var nanos) ? nanos : null;
        var first = Once();
        Assert.Equal(first, Once());
        return first;
    }

    private static ulong Nanos(string text)
    {
        var seconds = DateTimeOffset.Parse(text[..19] + "Z", CultureInfo.InvariantCulture).ToUnixTimeSeconds();
        var fraction = text[19..].Trim('.', 'Z').PadRight(9, '0');
        return (ulong)seconds * 1_000_000_000 + ulong.Parse(fraction, CultureInfo.InvariantCulture);
    }
}

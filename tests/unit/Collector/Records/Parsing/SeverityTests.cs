using Xunit;

namespace Tributary.Tests.Unit.Collector.Records.Parsing;

public sealed class SeverityTests
{
    [Theory]
    [InlineData(1, "trace TRACE Verbose finest 10 trace1")]
    [InlineData(2, "trace2 trace8")]
    [InlineData(5, "debug DEBUG DBG 20 dbug")]
    [InlineData(9, "info INFO Information informational INF 30")]
    [InlineData(10, "notice NOTICE")]
    [InlineData(13, "warn WARNING WRN 40")]
    [InlineData(17, "error err ERR SEVERE 50 fail")]
    [InlineData(18, "crit")]
    [InlineData(19, "alert panic")]
    [InlineData(21, "fatal CRITICAL emerg 60")]
    [InlineData(0, "whatever 35 thisnameislongerthansixteen é")]
    public void Names_of_many_loggers_are_known(int number, string names)
    {
        using var rig = new ParsingRig("{format: logfmt, severity: {key: level}}");

        Assert.All(names.Split(' '), name =>
        {
            var record = rig.Parse($"level=\"{name}\" a=b");
            Assert.Equal(number, record.SeverityNumber);
            Assert.Equal(name, System.Text.Encoding.UTF8.GetString(record[record.SeverityText]));
            Assert.Equal(1, record.Count);
        });
    }

    [Fact]
    public void A_map_comes_before_what_is_known()
    {
        using var rig = new ParsingRig("{format: json, severity: {key: l, map: {20: info, Fehler: error2, crit: fatal4}}}");

        Assert.Equal(9, rig.Parse("""{"l":20}""").SeverityNumber);
        Assert.Equal(18, rig.Parse("""{"l":"FEHLER"}""").SeverityNumber);
        Assert.Equal(24, rig.Parse("""{"l":"crit"}""").SeverityNumber);
        Assert.Equal(13, rig.Parse("""{"l":"WARN "}""").SeverityNumber);
        Assert.Equal(0, rig.Parse("""{"x":1}""").SeverityNumber);
    }
}

using System.Text;
using Tributary.Collector.Records;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Records.Shaping;

public sealed class FilterTests
{
    [Theory]
    [InlineData("{contains: /healthz}", "GET /healthz 200", true)]
    [InlineData("{contains: /healthz}", "GET /health 200", false)]
    [InlineData("{equals: ping}", "ping", true)]
    [InlineData("{equals: ping}", "pings", false)]
    [InlineData("{equals: \"\"}", "", true)]
    [InlineData("{matches: \"^GET /(a|b)z+\"}", "GET /azz", true)]
    [InlineData("{matches: \"^GET /(a|b)z+\"}", "POST GET /azz", false)]
    [InlineData("{matches: \"Größe\"}", "die Größe", true)]
    [InlineData("{not: true, contains: keep}", "other", true)]
    [InlineData("{not: true, contains: keep}", "keep me", false)]
    public void A_drop_rule_drops_what_meets_its_condition(string condition, string text, bool dropped)
    {
        using var shaped = new Shaped($"- drop: [{condition}]");

        Assert.Equal(dropped ? null : text, shaped.Body(text));
        Assert.Equal(dropped ? 1 : 0, shaped.Account.Dropped.GetValueOrDefault("rule:drop-1"));
    }

    [Fact]
    public void All_conditions_of_a_rule_must_hold()
    {
        using var shaped = new Shaped("- name: quiet\n  drop: [{field: status, equals: \"200\"}, {field: path, matches: \"^/static/\"}]");

        Assert.Null(shaped.Fields(r => Request(r, "/static/x", 200)));
        Assert.Equal("path=/static/x status=404", shaped.Fields(r => Request(r, "/static/x", 404)));
        Assert.Equal("path=/buy status=200", shaped.Fields(r => Request(r, "/buy", 200)));
        Assert.Equal(1, shaped.Account.Dropped["rule:quiet"]);
    }

    [Fact]
    public void A_keep_rule_drops_everything_else()
    {
        using var shaped = new Shaped("- keep: [{severityAbove: info}]");

        Assert.Null(shaped.Body("x", r => r.SeverityNumber = 12));
        Assert.Equal("x", shaped.Body("x", r => r.SeverityNumber = 13));
        Assert.Null(shaped.Body("x"));
        Assert.Equal(2, shaped.Account.Dropped["rule:keep-1"]);
    }

    [Fact]
    public void A_record_without_severity_is_neither_below_nor_above()
    {
        using var shaped = new Shaped("- drop: [{severityBelow: warn}]\n- drop: [{severityAbove: error}]");

        Assert.Equal("x", shaped.Body("x"));
        Assert.Null(shaped.Body("x", r => r.SeverityNumber = 1));
        Assert.Equal("x", shaped.Body("x", r => r.SeverityNumber = 13));
        Assert.Null(shaped.Body("x", r => r.SeverityNumber = 21));
    }

    [Fact]
    public void A_field_that_is_not_there_meets_no_test_but_a_negated_one()
    {
        using var shaped = new Shaped("- drop: [{field: a, matches: \"\\\\A\\\\z|.\"}]\n- drop: [{field: a, exists: false}, {field: b, exists: true}]");

        Assert.Equal("c=1", shaped.Fields(r => r.Add("c"u8, "1"u8)));
        Assert.Null(shaped.Fields(r => r.Add("b"u8, "1"u8)));
    }

    [Fact]
    public void Of_a_key_that_comes_twice_the_last_counts()
    {
        using var shaped = new Shaped("- drop: [{field: a, equals: \"2\"}]");

        Assert.Equal("a=1 a=2", shaped.Fields(r => Twice(r, "2", "1")));
        Assert.Null(shaped.Fields(r => Twice(r, "1", "2")));

        static void Twice(LogRecord r, string first, string second)
        {
            r.Add("a"u8, Encoding.UTF8.GetBytes(first));
            r.Add("a"u8, Encoding.UTF8.GetBytes(second));
        }
    }

    [Fact]
    public void Rules_apply_in_their_order_and_a_dropped_record_meets_no_later_one()
    {
        using var shaped = new Shaped("- rename: {from: a, to: b}\n- drop: [{field: b, exists: true}]\n- drop: [{contains: text}]");

        Assert.Null(shaped.Fields(r => r.Add("a"u8, "1"u8)));
        Assert.Null(shaped.Fields(_ => { }));
        Assert.Equal(1, shaped.Account.Dropped["rule:drop-2"]);
        Assert.Equal(1, shaped.Account.Dropped["rule:drop-3"]);
    }

    private static void Request(LogRecord record, string path, int status)
    {
        record.Add("path"u8, Encoding.UTF8.GetBytes(path));
        record.AddInt("status"u8, status);
    }
}

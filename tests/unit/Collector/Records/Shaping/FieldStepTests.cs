using Tributary.Collector.Records;
using Tributary.Collector.Records.Shaping;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Records.Shaping;

public sealed class FieldStepTests
{
    [Fact]
    public void A_renamed_field_takes_the_place_of_the_one_that_had_the_name()
    {
        using var shaped = new Shaped("- rename: {from: msg, to: message}");

        Assert.Equal("a=1 message=new", shaped.Fields(r =>
        {
            r.Add("message"u8, "old"u8);
            r.Add("a"u8, "1"u8);
            r.Add("msg"u8, "new"u8);
        }));
        Assert.Equal("message=old", shaped.Fields(r => r.Add("message"u8, "old"u8)));
    }

    [Fact]
    public void Fields_are_removed_by_name_and_by_pattern()
    {
        using var shaped = new Shaped("- remove: [password, \"http.*.secret\", \"x?\"]");

        Assert.Equal("http.secret=3 pass=1 x=5", shaped.Fields(r =>
        {
            r.Add("password"u8, "p"u8);
            r.Add("pass"u8, "1"u8);
            r.Add("http.header.secret"u8, "2"u8);
            r.Add("http.secret"u8, "3"u8);
            r.Add("xy"u8, "4"u8);
            r.Add("x"u8, "5"u8);
            r.Add("password"u8, "again"u8);
        }));
    }

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("*", "abc", true)]
    [InlineData("a*c*e", "abcde", true)]
    [InlineData("a*c*e", "abcdef", false)]
    [InlineData("*aab", "aaaaab", true)]
    [InlineData("?", "", false)]
    [InlineData("a?", "ab", true)]
    [InlineData("a.b", "axb", false)]
    public void A_pattern_for_names_matches_the_whole_name(string pattern, string name, bool matches) =>
        Assert.Equal(matches, new FieldGlob(pattern).IsMatch(System.Text.Encoding.UTF8.GetBytes(name)));

    [Fact]
    public void Tags_are_set_in_place_of_fields_of_the_same_names_where_the_conditions_hold()
    {
        using var shaped = new Shaped("- when: [{field: path, contains: /api}]\n  tags: {team: shop, tier: front}");

        Assert.Equal("path=/api/x team=shop tier=front", shaped.Fields(r =>
        {
            r.Add("path"u8, "/api/x"u8);
            r.AddInt("tier"u8, 3);
        }));
        Assert.Equal("path=/", shaped.Fields(r => r.Add("path"u8, "/"u8)));
    }

    [Fact]
    public void A_rule_that_throws_leaves_the_record_whole_with_the_rules_name_and_says_so()
    {
        using var metrics = new Tributary.Collector.CollectorMetrics();
        var source = new SourceAccount(metrics);
        var account = source.ForFile();
        var pipeline = new RecordPipeline { Config = "a/b", Version = "1", Steps = [new Broken()] };
        var record = new LogRecord();
        record.Begin(Tributary.Collector.Formats.LogStream.Stdout, 0, 0, 0, "text"u8);

        Assert.True(pipeline.Apply(record, account));

        Assert.Equal("text"u8, record.BodyBytes);
        Assert.Equal("rule:broken"u8, record.TextOf(record.IndexOf("tributary.rule.error"u8)));
        Assert.Equal("rule:broken failed: InvalidOperationException: Broken on purpose.", source.Problem);
    }

    private sealed class Broken : IRecordStep
    {
        public string Name => "rule:broken";

        public bool Apply(LogRecord record) => throw new InvalidOperationException("Broken on purpose.");
    }
}

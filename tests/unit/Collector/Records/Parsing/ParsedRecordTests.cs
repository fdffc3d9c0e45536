using System.Text;
using Tributary.Collector.Records;
using Xunit;
using LogFormat = Tributary.Contracts.LogFormat;

namespace Tributary.Tests.Unit.Collector.Records.Parsing;

public sealed class ParsedRecordTests
{
    private const string Nginx = "192.0.2.1 - - [21/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 12 \"-\" \"curl/8\"";

    [Fact]
    public async Task Lines_of_a_file_go_through_the_rules_of_their_config()
    {
        await using var rig = new CollectorRig();
        rig.Options.Configs = [ParsingRig.Read("{format: json, time: {key: t, format: unix}, body: m}")];
        rig.Append("a.log", "{\"t\":1,\"m\":\"one\"}\nnot json\n{\"t\":3,\"m\":\"three\"}\n");
        rig.Follow("a.log", LogFormat.Raw, also: s => s with { Config = RuleCatalog.FullName(rig.Options.Configs[0]) });
        rig.Start();

        await rig.ExpectAsync("one", "not json", "three");

        Assert.Equal([1_000_000_000, 0, 3_000_000_000], rig.Records.Select(r => r.Time));
    }

    [Fact]
    public void No_field_can_pretend_to_be_the_records_identity()
    {
        using var rig = new ParsingRig("{format: json}");

        var record = rig.Parse("""{"log.file.record_offset":7,"tributary.part":3,"log.record.uid":"x","tributary.parse.error":"y","log.level":"z"}""");

        Assert.Equal(
            ["fields.log.file.record_offset", "fields.tributary.part", "fields.log.record.uid", "fields.tributary.parse.error", "log.level"],
            record.Fields.ToArray().Select(f => Encoding.UTF8.GetString(record[f.Key])));
    }

    [Fact]
    public void Reasons_are_counted_and_partial_records_keep_their_fields()
    {
        using var rig = new ParsingRig("{format: json, time: {key: t}}");

        Assert.Equal(3, rig.Parse("""{"t":"no time","a":1}""").Count);
        Assert.Equal(1, rig.Parse("no json").Count);
        Assert.Equal(1, rig.Parse("""{"a":1}""").Count);
        Assert.Equal(2, rig.Account.Unparsed);
    }

    [Fact]
    public void Too_many_fields_are_the_whole_line()
    {
        using var rig = new ParsingRig("{format: logfmt, maxFields: 2}");

        Assert.Equal(2, rig.Parse("a=1 b=2").Count);
        Assert.Equal(2, rig.Parse("a=1 b=2 a=3").Count);
        var record = rig.Parse("a=1 b=2 c=3");
        Assert.Equal("too_many_fields", Encoding.UTF8.GetString(record[record.Fields[0].Text]));
    }

    [Theory]
    [InlineData("{format: nginx}", Nginx)]
    [InlineData("{format: logfmt}", "a=1 b=\"x y\" c")]
    [InlineData("{format: csv, keys: [a, b]}", "1,\"x \"\"y\"\"\"")]
    [InlineData("{format: syslog}", "<34>1 2026-11-21T10:00:00Z h app 1 id [a@1 b=\"c\"] text")]
    [InlineData("{format: apache_error}", "[Sat Nov 21 10:00:00.1 2026] [core:error] [pid 1:tid 2] text")]
    [InlineData("{format: json, time: {key: t, format: unix}, severity: {key: l}}", "{\"t\":1,\"l\":\"info\",\"n\":{\"a\":[1,\"\\n\"]}}")]
    public void No_record_costs_memory(string rule, string line)
    {
        using var rig = new ParsingRig(rule);
        var bytes = Encoding.UTF8.GetBytes(line);
        for (var i = 0; i < 100; i++)
        {
            rig.Parse(bytes);
        }

        Assert.Equal(0, rig.Account.Unparsed);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            rig.Parse(bytes);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000);
    }
}

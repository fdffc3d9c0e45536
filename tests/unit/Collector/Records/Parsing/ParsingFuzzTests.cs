using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Records.Parsing;

/// <summary>Whatever a line holds, no parser throws, and what does not parse is the line. FsCheck prints the seed of a failure.</summary>
public sealed class ParsingFuzzTests
{
    private static readonly FsCheck.Config Runs = FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2_000);

    private static readonly string[] Rules =
    [
        "{format: json, time: {key: time}, severity: {key: level}, body: message}",
        "{format: json, flatten: true, maxDepth: 3, maxFields: 4, time: {key: time, format: unix}}",
        "{format: csv, keys: [a, b, c], types: {a: int, b: float, c: bool}}",
        "{format: nginx}",
        "{format: apache2, names: fluentd}",
        "{format: apache_error, body: message}",
        "{format: logfmt, types: {a: int}, time: {key: time, format: '%b %d %H:%M:%S'}}",
        "{format: syslog}",
        "{format: syslog, names: fluentd, body: message}",
        "{format: regexp, pattern: '^(?<a>[^ ]*) (?<b>.*)$', types: {a: int}}",
    ];

    /// <summary>Lines that parse, from which others are made by cutting, doubling and flipping.</summary>
    private static readonly byte[][] Seeds =
    [
        .. new[]
        {
            """{"time":"2026-11-21T10:00:00Z","level":"info","message":"a\u00e9\n","n":{"a":[1,2.5,null,{"b":true}]},"x":12345678901234567890}""",
            "a,\"b,\"\"c\"\"\",d",
            """192.0.2.1 - bob [21/Nov/2026:10:00:00 +0800] "GET /a?b=c HTTP/1.1" 200 12 "-" "curl/8" "192.0.2.9" 0.1""",
            "[Sat Nov 21 10:00:00.123456 2026] [core:error] [pid 1:tid 2] [client 192.0.2.1:80] AH1: text",
            """<34>1 2026-11-21T10:00:00.1Z h app 1 id [a@1 b="c\"d"][e f="g"] text""",
            "<13>Nov 21 10:00:00 host app[12]: text",
            """level=info time="Nov 21 10:00:00" msg="a \"b\" \u00e9" a=1 flag""",
            "日本語 \U0001F600 text",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private static readonly Gen<byte[]> Mutated =
        from seed in Gen.Elements(Seeds)
        from start in Gen.Choose(0, seed.Length)
        from end in Gen.Choose(start, seed.Length)
        from at in Gen.Choose(0, Math.Max(0, seed.Length - 1))
        from other in Gen.OneOf(Gen.Choose(0, 255), Gen.Elements<int>('"', '\\', '[', ']', '{', '}', ' ', '=', ',', '<', '>', 0xFF, 0xC3, 0))
        from how in Gen.Choose(0, 4)
        select how switch
        {
            0 => seed[start..end],
            1 => [.. seed[..at], (byte)other, .. seed[(at + 1)..]],
            2 => [.. seed[..at], (byte)other, .. seed[at..]],
            3 => [.. seed[..end], .. seed[start..]],
            _ => [.. seed[..start], .. seed[end..]],
        };

    private static readonly Arbitrary<byte[]> Lines = Gen.OneOf(Mutated, Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf()).ToArbitrary();

    public static TheoryData<string> AllRules() => [.. Rules];

    [Theory]
    [MemberData(nameof(AllRules))]
    public void No_line_throws_and_what_does_not_parse_is_kept_byte_for_byte(string rule)
    {
        using var rig = new ParsingRig(rule);
        Prop.ForAll(Lines, line =>
        {
            var before = rig.Account.Unparsed;
            var record = rig.Parse(line);
            var failed = rig.Account.Unparsed > before;
            var hasReason = record.IndexOf("tributary.parse.error"u8) >= 0;
            var isPartial = failed && record.Count > 1;
            return failed == hasReason && (!failed || isPartial || record.BodyBytes.SequenceEqual(line));
        }).Check(Runs);
    }

    [Theory]
    [MemberData(nameof(AllRules))]
    public void Every_record_is_a_line_of_json(string rule)
    {
        using var rig = new ParsingRig(rule);
        Prop.ForAll(Lines, line =>
        {
            var json = rig.Ndjson([line]);
            using var document = System.Text.Json.JsonDocument.Parse(json);
            return json.Count(c => c == '\n') == 1;
        }).Check(Runs.WithMaxTest(500));
    }

    [Theory]
    [MemberData(nameof(AllRules))]
    public void A_megabyte_of_the_worst_takes_bounded_memory_and_time(string rule)
    {
        using var rig = new ParsingRig(rule);
        foreach (var piece in (string[])["{\"a\":", "[", "\"", "\\", "a=", "a=1 ", ",", "{\"a\":1,\"a\":", "<1>", "(", "\\u0000", "1 "])
        {
            var line = new StringBuilder();
            while (line.Length < 1024 * 1024)
            {
                line.Append(piece);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            rig.Parse(line.ToString());
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024 * 1024);
        }
    }
}

using System.Text;
using FsCheck;
using FsCheck.Fluent;
using OpenTelemetry.Proto.Common.V1;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Records.Shaping;

public sealed class RedactTests
{
    [Theory]
    [InlineData("email", "mail from ann.lee+x@example.co.uk, ok", "mail from #, ok")]
    [InlineData("email", "user=bob@example.com;to=<eve@example.org>.", "user=#;to=<#>.")]
    [InlineData("email", "?q=john%40example.com&x=1", "?q=#&x=1")]
    [InlineData("email", "用户a@b.com登录成功", "用户#登录成功")]
    [InlineData("email", "amqp://app:pw@rabbit.example.com:5672/", "amqp://app:#:5672/")]
    [InlineData("email", "@Override react@18.2.0 root@localhost x@y @a.b 50%40", "@Override react@18.2.0 root@localhost x@y @a.b 50%40")]
    [InlineData("email", "a@b.co@c.de", "#@c.de")]
    [InlineData("creditCard", "card 4111111111111111 ok", "card # ok")]
    [InlineData("creditCard", "4111 1111 1111 1111", "#")]
    [InlineData("creditCard", "4111-1111-1111-1111/378282246310005", "#/#")]
    [InlineData("creditCard", "id 1234 5555555555554444,", "id 1234 #,")]
    [InlineData("creditCard", "2223003122003222 6011111111111117 2201382000000013", "# # #")]
    [InlineData("creditCard", "4111111111111112 41111111111111", "4111111111111112 41111111111111")]
    [InlineData("creditCard", "at 1732194278120 1732194278123 20241121131005 20241121131003", "at 1732194278120 1732194278123 20241121131005 20241121131003")]
    [InlineData("creditCard", "411111111111111111111111 550e8400-e29b-41d4-a716-446655440000", "411111111111111111111111 550e8400-e29b-41d4-a716-446655440000")]
    [InlineData("creditCard", "4111  1111 1111 1111", "4111  1111 1111 1111")]
    [InlineData("ipv4", "from 10.0.0.1:8080 to /192.168.1.255, 8.8.8.8.", "from #:8080 to /#, #.")]
    [InlineData("ipv4", "..10.0.0.1 x.10.0.0.2 ip=127.0.0.1/8", "..# x.# ip=#/8")]
    [InlineData("ipv4", "v1.2.3.4 1.2.3 1.2.3.4.5 10.0.19041.1 256.1.1.1 1.2.3.4b1 3.14 Chrome/120.0.6099.109", "v1.2.3.4 1.2.3 1.2.3.4.5 10.0.19041.1 256.1.1.1 1.2.3.4b1 3.14 Chrome/120.0.6099.109")]
    [InlineData("ipv6", "from 2001:db8::1 and [fe80::1%eth0]:80", "from # and [#%eth0]:80")]
    [InlineData("ipv6", "2001:0db8:85a3:0000:0000:8a2e:0370:7334: refused", "#: refused")]
    [InlineData("ipv6", "::1 ::ffff:10.0.0.1 64:ff9b::192.0.2.33 fe80:: addr:2001:db8::2", "# # # # addr:#")]
    [InlineData("ipv6", "1:2:3:4:5:6:10.0.0.1 2001:db8::/32", "# #/32")]
    [InlineData("ipv6", "12:30:45 12:30:45.123 2024-05-06T12:30:45Z aa:bb:cc:dd:ee:ff 00:11:22:33:44:55:66:77", "12:30:45 12:30:45.123 2024-05-06T12:30:45Z aa:bb:cc:dd:ee:ff 00:11:22:33:44:55:66:77")]
    [InlineData("ipv6", "std::vector Bad::Face a::b e2::foo x::1 :: 10.0.0.1:8080 {\"a\":1}", "std::vector Bad::Face a::b e2::foo x::1 :: 10.0.0.1:8080 {\"a\":1}")]
    [InlineData("bearerToken", "Authorization: Bearer abc123DEF456== next", "Authorization: Bearer # next")]
    [InlineData("bearerToken", "authorization=bearer%20mF_9.B5f-4.1JqM&x", "authorization=bearer%20#&x")]
    [InlineData("bearerToken", "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl.", "token #.")]
    [InlineData("bearerToken", "bearer authentication of bearer shares; eyJust.a.b", "bearer authentication of bearer shares; eyJust.a.b")]
    public void A_preset_hides_what_it_is_for_and_nothing_that_looks_like_it(string preset, string text, string expected)
    {
        using var shaped = new Shaped($"- redact: {{presets: [{preset}], with: \"#\"}}");

        Assert.Equal(expected, shaped.Body(text));
    }

    [Fact]
    public void Patterns_and_presets_work_together_on_body_and_fields()
    {
        using var shaped = new Shaped("- redact: {patterns: [\"pin=\\\\d+\"], presets: [email, ipv4]}");

        Assert.Equal("[redacted] [redacted] é [redacted]", shaped.Body("pin=123 a@b.co é 10.1.1.1"));
        Assert.Equal("a=[redacted] n=12", shaped.Fields(r =>
        {
            r.Add("a"u8, "pin=1"u8);
            r.AddInt("n"u8, 12);
        }));
    }

    [Fact]
    public void Only_the_places_named_are_looked_through()
    {
        using var shaped = new Shaped("- redact: {presets: [ipv4], in: [\"client*\"], with: x}");

        Assert.Equal("10.0.0.1", shaped.Body("10.0.0.1"));
        Assert.Equal("client.ip=x server=10.0.0.2", shaped.Fields(r =>
        {
            r.Add("client.ip"u8, "10.0.0.1"u8);
            r.Add("server"u8, "10.0.0.2"u8);
        }));
    }

    [Fact]
    public void A_card_number_that_came_as_a_number_is_hidden_too()
    {
        using var shaped = new Shaped("- redact: {presets: [creditCard], with: x}");

        Assert.Equal("a=x b=4111111111111112", shaped.Fields(r =>
        {
            r.AddInt("a"u8, 4111111111111111);
            r.AddInt("b"u8, 4111111111111112);
        }));
    }

    [Fact]
    public void Lists_and_maps_are_looked_through()
    {
        using var shaped = new Shaped("- redact: {presets: [creditCard, email], with: x}");
        var value = Map(("list", List(Text("a@b.co"), Number(4111111111111111), Number(-1), [0x10, 1])), ("deep", Map(("t", Text("keep")))));

        Assert.Equal(Padded(Map(("list", List(Text("x"), Text("x"), Number(-1), [0x10, 1])), ("deep", Map(("t", Text("keep")))))), Padded(shaped.Encoded(value)));
        var clean = Map(("t", Text("keep")), ("d", [0x21, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]), ("empty", []));
        Assert.Equal(clean, shaped.Encoded(clean));
    }

    [Fact]
    public void What_cannot_be_looked_through_is_hidden_whole()
    {
        using var shaped = new Shaped("- redact: {presets: [email], with: x}");
        var deep = Enumerable.Range(0, 100).Aggregate(Text("a@b.co"), (inner, _) => List(inner));

        Assert.Equal(Padded(Text("[unreadable]")), Padded(shaped.Encoded(deep)));
        Assert.Equal(Padded(Text("[unreadable]")), Padded(shaped.Encoded([0x2A, 200])));
    }

    [Fact]
    public void A_hash_is_the_same_for_the_same_text_and_another_with_another_salt()
    {
        using var one = new Shaped("- redact: {presets: [email], hash: {salt: salt-one}}");
        using var two = new Shaped("- redact: {presets: [email], hash: {salt: salt-two}}");

        var first = one.Body("a@b.co")!;

        Assert.Matches("^[a-p]{16}$", first);
        Assert.Equal($"x {first} {first}", one.Body("x a@b.co a@b.co"));
        Assert.NotEqual(first, one.Body("a@b.com"));
        Assert.NotEqual(first, two.Body("a@b.co"));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_pass_through_as_they_are()
    {
        using var shaped = new Shaped("- redact: {patterns: [\"a+\"], presets: [ipv4], with: \"\"}");
        byte[] text = [0xFF, .. "aa"u8, 0xC3, .. "10.0.0.1"u8, 0xFE];

        Assert.Equal([0xFF, 0xC3, 0xFE], shaped.Bytes(text));
    }

    /// <summary>Runs of digits beside other text, also such as pass the check.</summary>
    [Fact]
    public void No_run_of_digits_that_passes_luhn_survives()
    {
        using var shaped = new Shaped("- redact: {presets: [creditCard, ipv4, email], with: \"\"}");
        var cards = Gen.Choose(12, 18).SelectMany(n => Gen.Choose('3', '9').SelectMany(first => Gen.Choose('0', '9').ArrayOf(n - 1).Select(rest => WithCheckDigit((char)first + string.Concat(rest.Select(c => (char)c))))));
        var noise = Gen.Elements(" ", "-", ".", ",", "x", "12", "a@b.co", "10.0.0.1", "4111", "é", ":");
        var texts = Arb.From(Gen.OneOf(cards, noise, noise).ListOf().Select(string.Concat));

        Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(texts, text =>
        {
            var clean = shaped.Body(text)!;
            return Runs(clean).All(run => run.Length is < 13 or > 19 || run[0] < '3' || !PassesLuhn(run));
        }));
    }

    [Fact]
    public void What_is_not_hidden_stays_as_it_was()
    {
        using var shaped = new Shaped("- redact: {presets: [email, creditCard, ipv4, ipv6, bearerToken], with: \"\\u0001\"}");
        var parts = Gen.Elements("a", "@", ".", "1", "10", "255", "::", ":", "ff", "eyJ", "Bearer ", "4111111111111111", " ", "-", "%40", "é", "co", "x@y.zz", "10.0.0.1");

        Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(Arb.From(parts.ListOf().Select(string.Concat)), text =>
        {
            // What is left is the text with gaps, in order.
            var at = 0;
            return shaped.Body(text)!.Split('\u0001').All(piece => (at = text.IndexOf(piece, at, StringComparison.Ordinal) + piece.Length) >= piece.Length);
        }));
    }

    private static string WithCheckDigit(string digits) =>
        Enumerable.Range(0, 10).Select(d => digits + d).First(PassesLuhn);

    private static bool PassesLuhn(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var d = digits[^(i + 1)] - '0';
            sum += i % 2 == 0 ? d : d * 2 > 9 ? d * 2 - 9 : d * 2;
        }

        return sum % 10 == 0;
    }

    private static IEnumerable<string> Runs(string text) => System.Text.RegularExpressions.Regex.Matches(text, "(?<![a-fA-F0-9])[0-9]+(?![a-fA-F0-9])").Select(m => m.Value);

    private static byte[] Text(string text) => Field(0x0A, Encoding.UTF8.GetBytes(text));

    private static byte[] Number(long number)
    {
        var bytes = new List<byte> { 0x18 };
        var value = (ulong)number;
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }

    private static byte[] List(params byte[][] items) => Field(0x2A, [.. items.SelectMany(i => Field(0x0A, i))]);

    private static byte[] Map(params (string Key, byte[] Value)[] pairs) =>
        Field(0x32, [.. pairs.SelectMany(p => Field(0x0A, [.. Field(0x0A, Encoding.UTF8.GetBytes(p.Key)), .. Field(0x12, p.Value)]))]);

    private static byte[] Field(byte tag, byte[] content) => [tag, .. Length(content.Length), .. content];

    private static byte[] Length(int length) => length < 0x80 ? [(byte)length] : [(byte)(length | 0x80), .. Length(length >> 7)];

    /// <summary>The same value read by protobuf's own rules: lengths may be written in more bytes than they need.</summary>
    private static string Padded(byte[] any) => AnyValue.Parser.ParseFrom(any).ToString();
}

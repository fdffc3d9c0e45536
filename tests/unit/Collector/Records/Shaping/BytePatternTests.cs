using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Tributary.Collector.Records;
using Tributary.Collector.Records.Shaping;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Records.Shaping;

public sealed class BytePatternTests
{
    [Theory]
    [InlineData("error", "error", true)]
    [InlineData("err.*timeout", "timeout", false)]
    [InlineData("/healthz?", "/health", false)]
    [InlineData("ab+c", "ab", false)]
    [InlineData("abc{2}d", "ab", false)]
    [InlineData(@"\.php$", ".php", false)]
    [InlineData("GET (?:/a|/b) HTTP", " HTTP", false)]
    [InlineData(@"\d+ms", "ms", false)]
    [InlineData(@"[a-z]literal[^]x]", "literal", false)]
    [InlineData(@"[a-z-[aeiou]]tail", "tail", false)]
    [InlineData("a|b", null, false)]
    [InlineData("(?i)error", null, false)]
    [InlineData("x(?i:y)zzz", null, false)]
    [InlineData("a{b|c}ddd", null, false)]
    [InlineData(@"\x41BC\u0044EF", "BC", false)]
    [InlineData(@"\p{Lu}pper", "pper", false)]
    [InlineData("x", "x", true)]
    [InlineData("größe", "gr", false)]
    [InlineData(".*", null, false)]
    public void The_text_that_a_match_must_have_is_found(string pattern, string? literal, bool isWhole)
    {
        var found = RequiredLiteral.Of(pattern, out var whole);

        Assert.Equal(literal, found is null ? null : Encoding.ASCII.GetString(found));
        Assert.Equal(isWhole, whole);
    }

    [Fact]
    public void It_matches_what_the_expression_matches()
    {
        var pieces = Gen.Elements("a", "b", "ab", ".", "a*", "b+", "c?", "(ab)", "(a|b)", "(?:bc)*", "[abc]", "[^a]", "\\.", "a{2}", "b{1,2}?", "|", "\\w", "^", "$", "x{", "}", "ö");
        var patterns = pieces.ListOf().Select(p => string.Concat(p.Take(6))).Where(IsValid);
        var texts = Gen.Elements('a', 'b', 'c', '.', 'x', '{', '}', 'ö', '€').ListOf().Select(c => string.Concat(c.Take(12)));
        var cases = Arb.From(patterns.SelectMany(p => texts.Select(t => (p, t))));

        Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(cases, c =>
        {
            var regex = new Regex(c.p, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            var bytes = Encoding.UTF8.GetBytes(c.t);
            var pattern = new BytePattern(c.p);
            var found = new List<Slice>();
            pattern.FindAll(bytes, found);
            var expected = regex.Matches(c.t).Where(m => m.Length > 0).Select(m => m.Value);
            return pattern.IsMatch(bytes) == regex.IsMatch(c.t)
                && expected.SequenceEqual(found.Select(f => Encoding.UTF8.GetString(bytes, f.Start, f.Length)));
        }));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_stand_for_one_character_and_stay_where_they_are()
    {
        byte[] text = [.. "ab"u8, 0xFF, 0xE2, 0x82, .. "secret=é1"u8, 0xC3];
        var found = new List<Slice>();

        new BytePattern("secret=\\S+").FindAll(text, found);

        Assert.Equal([.. "secret=é1"u8, 0xC3], text[found[0].Start..(found[0].Start + found[0].Length)]);
        Assert.True(new BytePattern("^ab.secret").IsMatch([.. "ab"u8, 0xFF, .. "secret"u8]));
    }

    private static bool IsValid(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking);
            return pattern.Length > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}

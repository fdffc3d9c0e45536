using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Tributary.Collector.Formats;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Formats;

public sealed class DockerLineTests
{
    private const string Tail = "\"stream\":\"stdout\",\"time\":\"2026-11-21T10:00:00.5Z\"}";
    private const ulong Nanos = 1_795_255_200_500_000_000;

    [Theory]
    [InlineData(@"hello\n", "hello", false)]
    [InlineData(@"\n", "", false)]
    [InlineData(@"", "", true)]
    [InlineData(@"piece", "piece", true)]
    [InlineData(@"a\nb\n", "a\nb", false)]
    [InlineData(@"a\r\n", "a\r", false)]
    [InlineData(@"back\\n", @"back\n", true)]
    [InlineData(@"back\\\n", @"back\", false)]
    [InlineData(@"\""quoted\""\n", "\"quoted\"", false)]
    [InlineData(@"\t\b\f\/\n", "\t\b\f/", false)]
    [InlineData(@"\u003cb\u003e\u0026\n", "<b>&", false)]
    [InlineData(@"\u0000\u001b[0m\n", "\0\u001b[0m", false)]
    [InlineData(@"\u00e4\u20AC\n", "ä€", false)]
    [InlineData(@"\ud83d\ude00\uD83D\uDE01\n", "😀😁", false)]
    [InlineData("ä€😀\\n", "ä€😀", false)]
    [InlineData(@"x\u000a", "x", false)]
    [InlineData(@"\u2028\ufffd\n", "\u2028\ufffd", false)]
    public void The_layout_that_docker_writes_needs_no_json_reader(string escaped, string text, bool partial)
    {
        var parser = new DockerLine();
        Assert.True(TryParse(parser, $"{{\"log\":\"{escaped}\",{Tail}", out var actual));
        Assert.Equal(("stdout", partial, text, Nanos), actual);
        Assert.Equal(0, parser.SlowLines);
    }

    [Theory]
    [InlineData("{\"log\":\"x\\n\",\"stream\":\"stderr\",\"attrs\":{\"tag\":\"a\",\"log\":\"no\"},\"time\":\"2026-11-21T10:00:00.5Z\"}", "stderr", Nanos)]
    [InlineData("{\"time\":\"2026-11-21T10:00:00.5Z\",\"stream\":\"stderr\",\"log\":\"x\\n\"}", "stderr", Nanos)]
    [InlineData(" { \"log\" : \"x\\n\" , \"stream\" : \"stdout\" , \"time\" : \"2026-11-21T10:00:00.5Z\" } ", "stdout", Nanos)]
    [InlineData("{\"log\":\"x\\n\"}", "stdout", 0UL)]
    [InlineData("{\"log\":\"x\\n\",\"stream\":\"stdout\",\"time\":\"never\"}", "stdout", 0UL)]
    [InlineData("{\"more\":[1,{\"log\":2}],\"log\":\"x\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-21T10:00:00.5Z\"}", "stdout", Nanos)]
    public void Any_other_order_or_member_is_read_too(string line, string stream, ulong time)
    {
        var parser = new DockerLine();
        Assert.True(TryParse(parser, line, out var actual));
        Assert.Equal((stream, false, "x", time), actual);
        Assert.Equal(1, parser.SlowLines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"log\":5}")]
    [InlineData("{\"log\":null}")]
    [InlineData("{\"log\":{\"log\":\"x\\n\"}}")]
    [InlineData("{\"log\":\"x\\n")]
    [InlineData("{\"log\":\"x\\")]
    [InlineData("{\"log\":\"x\\u00")]
    [InlineData("{\"log\":\"x\\q\\n\"," + Tail)]
    [InlineData("{\"log\":\"x\\u00zz\\n\"," + Tail)]
    [InlineData("{\"log\":\"x\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-21T10:00:00.5Z\"")]
    [InlineData("{\"log\":\"\\ud83d\\n\"," + Tail)]
    [InlineData("{\"log\":\"\\ude00\\n\"," + Tail)]
    [InlineData("{\"log\":\"\\ud83d\\u0041\\n\"," + Tail)]
    [InlineData("{\"log\":\"x{\"log\":\"y\\n\"," + Tail)]
    [InlineData("plain text")]
    public void What_is_not_in_the_format_is_refused(string line) => Assert.False(TryParse(new DockerLine(), line, out _));

    [Theory]
    [InlineData("{\"log\":\"a\\n\"," + Tail + "{\"log\":\"b\\n\"," + Tail)]
    [InlineData("{\"log\":\"a\\n\"," + Tail + " and more")]
    public void A_line_with_more_after_its_object_is_refused_so_that_it_is_kept_whole(string line) =>
        Assert.False(TryParse(new DockerLine(), line, out _));

    [Fact]
    public void Any_text_comes_back_from_what_dockerd_would_write()
    {
        var parser = new DockerLine();
        var times = new Rfc3339();
        JsonSerializerOptions[] escapings =
        [
            new() { Encoder = JavaScriptEncoder.Default },
            new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping },
        ];
        var piece = Gen.OneOf(
            ArbMap.Default.GeneratorFor<NonNull<string>>().Select(s => s.Get),
            Gen.Elements("\\", "\"", "\n", "\\n\"", "\\\\", "😀", "ä", "\u2028", "\0", "<&>", "\\u0041", "\",\"stream\":\"stderr\""));
        Prop.ForAll(Arb.From(piece.ListOf().Select(p => string.Concat(p))), text =>
        {
            // Text is what survives UTF-8: a lone surrogate becomes U+FFFD, as in dockerd.
            text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            foreach (var escaping in escapings)
            {
                foreach (var ending in (string[])["", "\n"])
                {
                    var json = JsonSerializer.Serialize(text + ending, escaping);
                    var fragment = default(Fragment);
                    Assert.True(parser.TryParse(Encoding.UTF8.GetBytes($"{{\"log\":{json},{Tail}"), times, ref fragment));
                    Assert.Equal(text + ending, Encoding.UTF8.GetString(fragment.Text) + (fragment.Partial ? "" : "\n"));
                }
            }
        }).QuickCheckThrowOnFailure();
        Assert.Equal(0, parser.SlowLines);
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        var parser = new DockerLine();
        var times = new Rfc3339();
        var whole = Encoding.UTF8.GetBytes("{\"log\":\"a\\u00e4\\n\"," + Tail);
        var damage = from at in Gen.Choose(0, whole.Length - 1)
                     from length in Gen.Choose(0, whole.Length - at)
                     from bytes in ArbMap.Default.GeneratorFor<byte[]>()
                     select (byte[])[.. whole[..at], .. bytes, .. whole[(at + length)..]];
        Prop.ForAll(Arb.From(Gen.OneOf(damage, ArbMap.Default.GeneratorFor<byte[]>())), bytes =>
        {
            var fragment = default(Fragment);
            parser.TryParse(bytes, times, ref fragment);
            CriLine.TryParse(bytes, times, ref fragment);
            FormatDetector.Detect(bytes);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static bool TryParse(DockerLine parser, string line, out (string Stream, bool Partial, string Text, ulong Time) parsed)
    {
        var fragment = default(Fragment);
        var done = parser.TryParse(Encoding.UTF8.GetBytes(line), new Rfc3339(), ref fragment);
        parsed = done
            ? (fragment.Stream == LogStream.Stdout ? "stdout" : "stderr", fragment.Partial, Encoding.UTF8.GetString(fragment.Text), fragment.TimeUnixNano)
            : default;
        return done;
    }
}

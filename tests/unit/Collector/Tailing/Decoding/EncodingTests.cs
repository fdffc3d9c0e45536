using System.Text;
using Tributary.Collector.Tailing.Decoding;
using Tributary.Config;
using Tributary.Contracts.Batches;
using Xunit;
using LogFormat = Tributary.Contracts.LogFormat;

namespace Tributary.Tests.Unit.Collector.Tailing.Decoding;

public sealed class EncodingTests
{
    private const string Sample = "plain\r\n\U0001F600 東京 ü\n\nlast \U00020BB7 line\n";

    private static readonly string[] Lines = ["plain\r", "\U0001F600 東京 ü", "", "last \U00020BB7 line"];

    [Theory]
    [Trait("Scenario", "R31")]
    [InlineData("utf-8", "utf-16le", true, LogFormat.Auto)]
    [InlineData("utf-8", "utf-16be", true, LogFormat.Auto)]
    [InlineData("utf-16", "utf-16be", true, LogFormat.Raw)]
    [InlineData("utf-16", "utf-16le", false, LogFormat.Raw)]
    [InlineData("utf-16be", "utf-16be", false, LogFormat.Auto)]
    [InlineData("gb18030", "gb18030", false, LogFormat.Auto)]
    public async Task A_file_of_another_encoding_is_delivered_in_utf8(string declared, string written, bool mark, LogFormat format)
    {
        await using var rig = new CollectorRig();
        Write(rig, "a.log", Bytes(written, (mark ? "\uFEFF" : "") + Sample));
        rig.Follow("a.log", format, also: s => s with { Encoding = declared });
        rig.Start();

        await rig.ExpectAsync(Lines.Select(AsBytes));

        Assert.All(rig.Records, r => Assert.Equal(OtlpValueKind.String, r.Kind));
        Assert.Equal(0, rig.Records.Min(r => r.Offset));
    }

    [Fact]
    [Trait("Scenario", "R31")]
    public async Task Characters_cut_by_the_edge_of_a_buffer_are_whole()
    {
        await using var rig = new CollectorRig();
        rig.Options.ReadBytes = 16 * 1024;
        rig.Options.LineBytesMax = 1024;
        string[] texts = [.. Enumerable.Range(0, 2_000).Select(i => new string('x', i % 7) + "\U0001F600東京" + i)];
        var text = string.Concat(texts.Select(t => t + "\n"));
        foreach (var encoding in (string[])["utf-8", "utf-16le", "utf-16be", "gb18030"])
        {
            Write(rig, encoding, Bytes(encoding, text));
            rig.Follow(encoding, also: s => s with { Encoding = encoding });
        }

        rig.Start();

        await rig.ExpectAsync(Enumerable.Repeat(texts.Select(AsBytes), 4).SelectMany(t => t));
        Assert.Equal(0, rig.Records.Count(r => r.Kind != OtlpValueKind.String));
    }

    [Fact]
    [Trait("Scenario", "R31")]
    public async Task Bytes_that_are_no_text_poison_no_batch_and_none_is_lost()
    {
        await using var rig = new CollectorRig();
        rig.Append("utf8.log", "a\xFF\xFE" + "b\nNUL\0NUL\nCRLF\r\n\xF0\x9F\x98\n\xF0\x9F\x98\x80\n");
        rig.Append("gbk.log", "\xC4\xE3\n\x81\n");
        Write(rig, "wide.log", [.. Bytes("utf-16le", "\uFEFFgood\n"), 0x3D, 0xD8, (byte)'a', 0, (byte)'\n', 0, .. Bytes("utf-16le", "after\n")]);
        rig.Follow("utf8.log");
        rig.Follow("gbk.log", also: s => s with { Encoding = "gbk" });
        rig.Follow("wide.log");
        rig.Start();

        await rig.ExpectAsync("a\xFF\xFE" + "b", "NUL\0NUL", "CRLF\r", "\xF0\x9F\x98", "\xF0\x9F\x98\x80", AsBytes("你"), "\x81", "good", "\x3D\xD8" + "a\0", "after");

        Assert.Equal(4, rig.Records.Count(r => r.Kind == OtlpValueKind.Bytes));
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16le")]
    [InlineData("gb18030")]
    public async Task A_carriage_return_goes_where_that_is_asked_for(string encoding)
    {
        await using var rig = new CollectorRig();
        Write(rig, "a.log", Bytes(encoding, "one\r\ntwo\n\r\nthree\r\r\n你\r\nr\rm\n"));
        rig.Follow("a.log", also: s => s with { Encoding = encoding, StripReturn = true });
        rig.Start();

        await rig.ExpectAsync(new[] { "one", "two", "", "three\r", "你", "r\rm" }.Select(AsBytes));
    }

    [Fact]
    public async Task A_restart_goes_on_in_the_middle_of_a_wide_file_that_told_its_encoding_at_its_start()
    {
        await using var rig = new CollectorRig();
        Write(rig, "a.log", Bytes("utf-16be", "\uFEFFone\n東"));
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilRecordsAsync(1);
        await rig.RestartAsync();
        Write(rig, "a.log", Bytes("utf-16be", "京\nthree\n"));

        await rig.ExpectAsync(new[] { "one", "東京", "three" }.Select(AsBytes));
    }

    [Fact]
    public async Task An_overlong_wide_line_is_split_between_characters_and_the_next_is_intact()
    {
        await using var rig = new CollectorRig();
        rig.Options.LineBytesMax = 1024;
        rig.Options.ReadBytes = 16 * 1024;
        var line = string.Concat(Enumerable.Repeat("\U0001F600x", 60_000));
        Write(rig, "a.log", Bytes("utf-16le", "\uFEFF" + line + "\nnext\n"));
        rig.Follow("a.log");
        rig.Start();
        await rig.UntilAsync(() => rig.Records.Any(r => r.Text == "next"), "the line after");
        await rig.StopAsync();

        var parts = rig.Records.Where(r => r.Text != "next").OrderBy(r => r.Offset).ThenBy(r => r.Part).Select(r => Encoding.UTF8.GetString(r.Body));
        Assert.Equal(line, string.Concat(parts));
        Assert.All(rig.Records, r => Assert.Equal(OtlpValueKind.String, r.Kind));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_encoding_decodes_what_it_encodes_and_ascii_is_itself_in_all_but_the_wide(string name)
    {
        var decoder = LineDecoder.Of(name);
        var text = name.StartsWith("utf-16", StringComparison.Ordinal) ? Bytes(name == "utf-16" ? "utf-16le" : name, "abc 0~") : "abc 0~"u8.ToArray();

        Assert.True(decoder.TryDecode(text, out var utf8));
        Assert.Equal("abc 0~", Encoding.UTF8.GetString(utf8));
        Assert.Equal(name.StartsWith("utf-16", StringComparison.Ordinal), decoder.IsWide);
    }

    [Theory]
    [InlineData("gbk", "你好")]
    [InlineData("big5", "你好")]
    [InlineData("shift_jis", "こんにちは")]
    [InlineData("euc-jp", "こんにちは")]
    [InlineData("euc-kr", "안녕")]
    [InlineData("windows-1251", "Привет")]
    [InlineData("koi8-r", "Привет")]
    [InlineData("iso-8859-15", "100 €")]
    [InlineData("iso-8859-1", "Zürich")]
    public void A_legacy_encoding_is_read(string name, string text)
    {
        var bytes = Bytes(name, text);

        Assert.True(LineDecoder.Of(name).TryDecode(bytes, out var utf8));
        Assert.Equal(text, Encoding.UTF8.GetString(utf8));
    }

    [Theory]
    [InlineData("gb18030")]
    [InlineData("shift_jis")]
    [InlineData("big5")]
    public void A_cut_is_between_two_characters(string name)
    {
        var decoder = LineDecoder.Of(name);
        var bytes = Bytes(name, string.Concat(Enumerable.Repeat("日本 a日日本\t", 50)));
        for (var maximum = 20; maximum < bytes.Length; maximum++)
        {
            var cut = decoder.Cut(bytes, maximum);
            Assert.InRange(cut, 1, maximum);
            Assert.True(decoder.TryDecode(bytes.AsSpan(0, cut), out _));
            Assert.True(decoder.TryDecode(bytes.AsSpan(cut), out _));
        }
    }

    public static TheoryData<string> Names() => [.. TextEncodings.Names.Where(n => n != TextEncodings.Default)];

    private static string AsBytes(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    private static byte[] Bytes(string encoding, string text) => encoding switch
    {
        "utf-8" => Encoding.UTF8.GetBytes(text),
        "utf-16le" => Encoding.Unicode.GetBytes(text),
        "utf-16be" => Encoding.BigEndianUnicode.GetBytes(text),
        _ => (CodePagesEncodingProvider.Instance.GetEncoding(TextEncodings.CodePageOf(encoding)!.Value) ?? Encoding.GetEncoding(TextEncodings.CodePageOf(encoding)!.Value)).GetBytes(text),
    };

    private static void Write(CollectorRig rig, string name, byte[] bytes)
    {
        using var file = new FileStream(rig.File(name), FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Write(bytes);
    }
}

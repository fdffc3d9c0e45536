using System.Text;
using Tributary.Collector.Formats;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Formats;

public sealed class CriLineTests
{
    private const string Time = "2026-11-21T10:00:00.5Z";
    private const ulong Nanos = 1_795_255_200_500_000_000;

    [Theory]
    [InlineData("stdout F hello", "stdout", false, "hello")]
    [InlineData("stderr P hel", "stderr", true, "hel")]
    [InlineData("stdout F  two spaces ", "stdout", false, " two spaces ")]
    [InlineData("stdout F ", "stdout", false, "")]
    [InlineData("stdout F", "stdout", false, "")]
    [InlineData("stdout P", "stdout", true, "")]
    [InlineData("stdout P:x:y hel", "stdout", true, "hel")]
    [InlineData("stderr F:x hello", "stderr", false, "hello")]
    [InlineData("stdout F:x", "stdout", false, "")]
    [InlineData("stdout F 2026-11-21T10:00:00Z stderr F nested", "stdout", false, "2026-11-21T10:00:00Z stderr F nested")]
    [InlineData("stdout F carriage\r", "stdout", false, "carriage\r")]
    [InlineData("stdout F a\0b", "stdout", false, "a\0b")]
    public void A_line_is_taken_apart(string rest, string stream, bool partial, string text)
    {
        Assert.True(TryParse($"{Time} {rest}", out var actual));
        Assert.Equal((stream, partial, text, Nanos), actual);
    }

    [Theory]
    [InlineData("+01:30", -5400)]
    [InlineData("-08:00", 28800)]
    [InlineData("+00:00", 0)]
    public void A_zone_is_taken_into_account(string zone, int seconds)
    {
        Assert.True(TryParse($"2026-11-21T10:00:00.5{zone} stdout F x", out var actual));
        Assert.Equal((long)Nanos + seconds * 1_000_000_000L, (long)actual.Time);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("2026-11-21T10:00:00.5Z")]
    [InlineData("2026-11-21T10:00:00.5Z ")]
    [InlineData("2026-11-21T10:00:00.5Z stdout")]
    [InlineData("2026-11-21T10:00:00.5Z stdout ")]
    [InlineData("2026-11-21T10:00:00.5Z stdin F x")]
    [InlineData("2026-11-21T10:00:00.5Z stdoutF x")]
    [InlineData("2026-11-21T10:00:00.5Z stdout X x")]
    [InlineData("2026-11-21T10:00:00.5Z stdout Fx y")]
    [InlineData("2026-11-21T10:00:00.5Z stdout f x")]
    [InlineData("2026-13-21T10:00:00.5Z stdout F x")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0Z stdout F x")]
    [InlineData("yesterday stdout F x")]
    public void What_is_not_in_the_format_is_refused(string line) => Assert.False(TryParse(line, out _));

    [Fact]
    public void A_time_with_a_space_inside_is_none() => Assert.False(TryParse("2026-11-21 10:00:00Z stdout F x", out _));

    [Theory]
    [InlineData("stdout F text")]
    [InlineData("stderr P text")]
    [InlineData("stdout F:tag text")]
    public void A_line_cut_anywhere_is_refused_or_a_shorter_text(string rest)
    {
        var line = $"2026-11-21T10:00:00.123456789+01:00 {rest}";
        for (var length = 0; length < line.Length; length++)
        {
            if (TryParse(line[..length], out var parsed))
            {
                Assert.True(length >= "2026-11-21T10:00:00.123456789+01:00 stdout F".Length, line[..length]);
                Assert.StartsWith(parsed.Text, "text", StringComparison.Ordinal);
            }
        }
    }

    private static bool TryParse(string line, out (string Stream, bool Partial, string Text, ulong Time) parsed)
    {
        var fragment = default(Fragment);
        var done = CriLine.TryParse(Encoding.UTF8.GetBytes(line), new Rfc3339(), ref fragment);
        parsed = done
            ? (fragment.Stream == LogStream.Stdout ? "stdout" : "stderr", fragment.Partial, Encoding.UTF8.GetString(fragment.Text), fragment.TimeUnixNano)
            : default;
        return done;
    }
}

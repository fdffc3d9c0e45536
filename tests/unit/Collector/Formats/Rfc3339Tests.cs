using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tributary.Collector.Formats;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Formats;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0UL)]
    [InlineData("1970-01-01T00:00:01z", 1_000_000_000UL)]
    [InlineData("1970-01-01t00:00:00.1Z", 100_000_000UL)]
    [InlineData("1970-01-01 00:00:00.12Z", 120_000_000UL)]
    [InlineData("1970-01-01T00:00:00.123456789Z", 123_456_789UL)]
    [InlineData("1970-01-01T00:00:00.1234567899999Z", 123_456_789UL)]
    [InlineData("1970-01-01T00:00:00.000000001Z", 1UL)]
    [InlineData("1969-12-31T23:00:00-01:00", null)]
    [InlineData("1970-01-01T01:00:00+01:00", 0UL)]
    [InlineData("1970-01-01T01:00:00.5+00:30", 1_800_500_000_000UL)]
    [InlineData("2024-02-29T00:00:00Z", 1_709_164_800_000_000_000UL)]
    [InlineData("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000UL)]
    public void A_time_is_read_to_the_nanosecond(string text, ulong? expected) => Assert.Equal(expected, Parse(new Rfc3339(), text));

    [Theory]
    [InlineData("")]
    [InlineData("Z")]
    [InlineData("2026-11-21T10:00:00")]
    [InlineData("2026-11-21T10:00:00.Z")]
    [InlineData("2026-11-21T10:00:00.5")]
    [InlineData("2026-11-21T10:00:00.5ZZ")]
    [InlineData("2026-11-21T10:00:00,5Z")]
    [InlineData("2026-11-21T10:00:00.5+0100")]
    [InlineData("2026-11-21T10:00:00.5+24:00")]
    [InlineData("2026-11-21T10:00:00.5+01:60")]
    [InlineData("2026-11-21T10:00:00.5*01:00")]
    [InlineData("2026-02-29T10:00:00Z")]
    [InlineData("2026-00-21T10:00:00Z")]
    [InlineData("2026-11-00T10:00:00Z")]
    [InlineData("2026-11-31T10:00:00Z")]
    [InlineData("2026-11-21T24:00:00Z")]
    [InlineData("2026-11-21T10:60:00Z")]
    [InlineData("2026-11-21T10:00:61Z")]
    [InlineData("2026-11-21T1a:00:00Z")]
    [InlineData("1970-01-01T00:00:00+01:00")]
    [InlineData("9999-12-31T00:00:00Z")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0Z")]
    public void What_is_no_time_is_refused(string text)
    {
        Assert.Null(Parse(new Rfc3339(), text));
        var warm = new Rfc3339();
        Assert.NotNull(Parse(warm, "2026-11-21T10:00:00Z"));
        Assert.Null(Parse(warm, text));
    }

    [Fact]
    public void A_refused_time_does_not_disturb_the_next()
    {
        var times = new Rfc3339();
        var first = Parse(times, "2026-11-21T10:00:00.1Z");
        Assert.Null(Parse(times, "2026-11-31T10:00:00.1Z"));
        Assert.Equal(first, Parse(times, "2026-11-21T10:00:00.1Z"));
        Assert.Null(Parse(times, "2026-11-31T10:00:00.1Z"));
    }

    [Fact]
    public void Any_sequence_of_times_is_read_as_a_fresh_reader_would()
    {
        var time = from days in Gen.Choose(0, 190_000)
                   from milliseconds in Gen.Choose(0, 86_399_999)
                   from ticks in Gen.Choose(0, 9_999)
                   from digits in Gen.Choose(0, 7)
                   from zone in Gen.Elements("Z", "+00:00")
                   select (Ticks: days * TimeSpan.TicksPerDay + milliseconds * TimeSpan.TicksPerMillisecond + ticks, Digits: digits, Zone: zone);
        Prop.ForAll(Arb.From(time.ListOf()), list =>
        {
            var times = new Rfc3339();
            return list.All(t =>
            {
                var scale = (long)Math.Pow(10, 7 - t.Digits);
                var ticks = t.Ticks / scale * scale;
                var date = DateTime.UnixEpoch.AddTicks(ticks);
                var text = date.ToString(t.Digits == 0 ? "yyyy-MM-ddTHH:mm:ss" : "yyyy-MM-ddTHH:mm:ss." + new string('f', t.Digits), CultureInfo.InvariantCulture) + t.Zone;
                return Parse(times, text) == (ulong)ticks * 100 && Parse(times, text) == (ulong)ticks * 100;
            });
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Every_byte_ends_a_fraction_of_every_length_unless_it_is_a_digit()
    {
        const string Digits = "98765432101";
        for (var length = 0; length <= Digits.Length; length++)
        {
            for (var other = 0; other < 256; other++)
            {
                byte[] text = [.. Encoding.ASCII.GetBytes("1970-01-01T00:00:00." + Digits[..length]), (byte)other, .. "Z and what follows"u8];
                var expected = length > 0 && other is 'Z' or 'z' ? (int?)(21 + length)
                    : other is >= '0' and <= '9' ? 22 + length
                    : null;
                var read = new Rfc3339().TryParse(text, out var nanos, out var end);
                Assert.Equal(expected, read ? end : null);
                if (read)
                {
                    var fraction = Encoding.ASCII.GetString(text, 20, end - 21).PadRight(9, '0')[..9];
                    Assert.Equal(ulong.Parse(fraction, CultureInfo.InvariantCulture), nanos);
                }
            }
        }
    }

    [Fact]
    public void A_second_that_differs_in_one_place_is_read_anew()
    {
        var times = new Rfc3339();
        const string Text = "2026-11-21T10:00:00Z";
        for (var place = 0; place < Text.Length - 1; place++)
        {
            var other = Text[..place] + (Text[place] == '1' ? '2' : '1') + Text[(place + 1)..];
            Assert.NotNull(Parse(times, Text));
            Assert.Equal(Parse(new Rfc3339(), other), Parse(times, other));
        }
    }

    private static ulong? Parse(Rfc3339 times, string text) =>
        times.TryParse(Encoding.UTF8.GetBytes(text), out var nanos) ? nanos : null;
}

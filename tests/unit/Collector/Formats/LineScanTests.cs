using System.Text;
using Tributary.Collector.Formats;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Formats;

public sealed class LineScanTests
{
    [Fact]
    public void Random_chunks_of_every_length_are_split_as_by_hand()
    {
        var random = new Random(20_261_121);
        for (var length = 0; length < 700; length++)
        {
            foreach (var newlinesPercent in (int[])[0, 1, 5, 50, 100])
            {
                var data = new byte[length];
                for (var i = 0; i < length; i++)
                {
                    data[i] = random.Next(100) < newlinesPercent ? (byte)'\n' : random.Next(150) == 0 ? (byte)random.Next(128, 256) : (byte)random.Next(32, 127);
                }

                Assert.Equal(ByHand(data), Scan(data));
            }
        }
    }

    [Fact]
    public void One_byte_that_is_not_ascii_marks_its_line_alone()
    {
        for (var line = 0; line < 130; line++)
        {
            for (var place = 0; place <= line; place++)
            {
                var odd = Encoding.ASCII.GetBytes(new string('x', line + 1));
                odd[place] = 0xFF;
                byte[] data = [.. "before\n"u8, .. odd, .. "\nafter\nrest"u8];
                Assert.Equal([true, false, true], Scan(data).Select(l => l.IsAscii));
            }
        }
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("no end", 0)]
    [InlineData("\n", 1)]
    [InlineData("a\nb", 2)]
    [InlineData("a\r\n\n", 4)]
    public void What_follows_the_last_newline_is_not_consumed(string text, int consumed)
    {
        var scan = new LineScan(Encoding.ASCII.GetBytes(text));
        while (scan.Next())
        {
        }

        Assert.Equal(consumed, scan.Consumed);
        Assert.False(scan.Next());
    }

    private static List<(int Start, int Length, bool IsAscii)> Scan(byte[] data)
    {
        var lines = new List<(int, int, bool)>();
        var scan = new LineScan(data);
        while (scan.Next())
        {
            lines.Add((scan.Start, scan.Length, scan.IsAscii));
        }

        return lines;
    }

    private static List<(int Start, int Length, bool IsAscii)> ByHand(byte[] data)
    {
        var lines = new List<(int, int, bool)>();
        var start = 0;
        for (var i = 0; i < data.Length; i++)
        {
            if (data[i] == '\n')
            {
                lines.Add((start, i - start, Ascii.IsValid(data.AsSpan(start, i - start))));
                start = i + 1;
            }
        }

        return lines;
    }
}

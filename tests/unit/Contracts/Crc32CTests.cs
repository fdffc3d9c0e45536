using System.Text;
using Tributary.Contracts.Batches;
using Xunit;

namespace Tributary.Tests.Unit.Contracts;

public sealed class Crc32CTests
{
    public static TheoryData<byte[], uint> Rfc3720 => new()
    {
        // RFC 3720, B.4; the RFC prints the bytes in the order in which they are sent.
        { new byte[32], 0x8A9136AA },
        { Enumerable.Repeat((byte)0xFF, 32).ToArray(), 0x62A8AB43 },
        { Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(), 0x46DD794E },
        { Enumerable.Range(0, 32).Select(i => (byte)(31 - i)).ToArray(), 0x113FDB5C },
        {
            Convert.FromHexString("01C000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000"),
            0xD9963A56
        },
        { Encoding.ASCII.GetBytes("123456789"), 0xE3069283 },
        { [], 0 },
    };

    [Theory]
    [MemberData(nameof(Rfc3720))]
    public void The_vectors_of_the_rfc_hold(byte[] data, uint crc) => Assert.Equal(crc, Crc32C.Compute(data));

    [Fact]
    public void Every_length_and_alignment_equals_the_bitwise_definition()
    {
        var data = new byte[80];
        new Random(1).NextBytes(data);
        for (var from = 0; from < 9; from++)
        {
            for (var length = 0; length <= data.Length - from; length++)
            {
                Assert.Equal(Bitwise(data.AsSpan(from, length)), Crc32C.Compute(data.AsSpan(from, length)));
            }
        }
    }

    [Theory]
    [InlineData(767)]
    [InlineData(768)]
    [InlineData(2 * 768 + 1)]
    [InlineData(3 * 4096)]
    [InlineData(2 * 3 * 4096 + 3 * 256 + 13)]
    public void Three_blocks_at_once_equal_the_bitwise_definition(int length)
    {
        var data = new byte[length + 3];
        new Random(length).NextBytes(data);
        Assert.Equal(Bitwise(data.AsSpan(3)), Crc32C.Compute(data.AsSpan(3)));
    }

    [Fact]
    public void What_is_appended_piece_by_piece_is_the_checksum_of_the_whole()
    {
        var data = new byte[100_000];
        var random = new Random(2);
        random.NextBytes(data);
        var crc = 0u;
        for (var at = 0; at < data.Length;)
        {
            var length = Math.Min(random.Next(20_000), data.Length - at);
            crc = Crc32C.Append(crc, data.AsSpan(at, length));
            at += length;
        }

        Assert.Equal(Bitwise(data), crc);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(100_001)]
    public void Zeros_need_not_be_there_to_be_appended(int count)
    {
        var before = Crc32C.Compute([1, 2, 3]);
        Assert.Equal(Crc32C.Append(before, new byte[count]), Crc32C.AppendZeros(before, count));
    }

    private static uint Bitwise(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : 0x82F63B78);
            }
        }

        return ~crc;
    }
}

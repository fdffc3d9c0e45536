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

using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Tributary.Contracts.Batches;

/// <summary>
/// CRC-32C (Castagnoli, RFC 3720), by the processor's own instruction where it has one. That takes three cycles but one
/// can begin in each, so three neighbouring blocks are computed at once and put together by what a block of zeros does
/// to a checksum (as Mark Adler's crc32c.c does).
/// </summary>
public static class Crc32C
{
    private static readonly Zeros s_long = new(4096);
    private static readonly Zeros s_short = new(256);

    public static uint Compute(ReadOnlySpan<byte> data) => Append(0, data);

    /// <summary>The checksum of everything so far and <paramref name="data"/>; that of nothing is 0.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        var state = ~crc;
        state = s_long.Append(state, ref data);
        state = s_short.Append(state, ref data);
        while (data.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (var b in data)
        {
            state = BitOperations.Crc32C(state, b);
        }

        return ~state;
    }

    /// <summary>The checksum of everything so far and <paramref name="count"/> zeros, without touching so many bytes.</summary>
    public static uint AppendZeros(uint crc, long count)
    {
        var state = ~crc;
        for (; count >= s_long.Length; count -= s_long.Length)
        {
            state = s_long.Shift(state);
        }

        for (; count > 0; count--)
        {
            state = BitOperations.Crc32C(state, (byte)0);
        }

        return ~state;
    }

    /// <summary>What so many zeros do to a state: it is linear, so the four bytes of a state are looked up one by one.</summary>
    private sealed class Zeros
    {
        private readonly uint[] _table = new uint[4 * 256];

        public Zeros(int length)
        {
            Length = length;
            for (var bit = 0; bit < 32; bit++)
            {
                var state = 1u << bit;
                for (var i = 0; i < length; i += sizeof(ulong))
                {
                    state = BitOperations.Crc32C(state, 0UL);
                }

                // Every index with this bit gets its share.
                for (var index = 0; index < 256; index++)
                {
                    if ((index >> (bit % 8) & 1) != 0)
                    {
                        _table[bit / 8 * 256 + index] ^= state;
                    }
                }
            }
        }

        public int Length { get; }

        public uint Shift(uint state) =>
            _table[state & 0xFF] ^ _table[256 + (state >> 8 & 0xFF)] ^ _table[512 + (state >> 16 & 0xFF)] ^ _table[768 + (state >> 24)];

        /// <summary>Takes three blocks at a time off the front.</summary>
        public uint Append(uint state, ref ReadOnlySpan<byte> data)
        {
            while (BitConverter.IsLittleEndian && data.Length >= 3 * Length)
            {
                var first = MemoryMarshal.Cast<byte, ulong>(data[..Length]);
                var second = MemoryMarshal.Cast<byte, ulong>(data.Slice(Length, Length));
                var third = MemoryMarshal.Cast<byte, ulong>(data.Slice(2 * Length, Length));
                uint a = state, b = 0, c = 0;
                for (var i = 0; i < first.Length && i < second.Length && i < third.Length; i++)
                {
                    a = BitOperations.Crc32C(a, first[i]);
                    b = BitOperations.Crc32C(b, second[i]);
                    c = BitOperations.Crc32C(c, third[i]);
                }

                state = Shift(Shift(a) ^ b) ^ c;
                data = data[(3 * Length)..];
            }

            return state;
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Tributary.Contracts.Batches;

/// <summary>Protobuf base-128 integers.</summary>
internal static class Varint
{
    public static int Size(uint value) => (int)((uint)((31 - BitOperations.LeadingZeroCount(value | 1)) * 9 + 73) / 64);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Size(ulong value) => (int)((uint)((63 - BitOperations.LeadingZeroCount(value | 1)) * 9 + 73) / 64);

    public static int Write(Span<byte> target, ulong value)
    {
        var i = 0;
        while (value >= 0x80)
        {
            target[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[i] = (byte)value;
        return i + 1;
    }

    /// <summary>A value below 2^14 in exactly two bytes, the first one lowest.</summary>
    public static uint Padded2(uint value) => (value & 0x7F) | 0x80 | (value >> 7 << 8);

    /// <summary>A value below 2^56 as the eight bytes that begin with its <paramref name="size"/> bytes, the first one lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Spread(ulong value, int size)
    {
        // Halves, quarters, then sevens of bits move to where their bytes begin.
        value = (value & 0x0000_0000_0FFF_FFFF) | (value & 0x00FF_FFFF_F000_0000) << 4;
        value = (value & 0x0000_3FFF_0000_3FFF) | (value & 0x0FFF_C000_0FFF_C000) << 2;
        value = (value & 0x007F_007F_007F_007F) | (value & 0x3F80_3F80_3F80_3F80) << 1;
        return value | (0x8080_8080_8080_8080 & ((1UL << ((size - 1) * 8)) - 1));
    }

    /// <summary>Writes a value below 2^28 in exactly four bytes, so that a length can be filled in afterwards; every protobuf reader takes the padding.</summary>
    public static void WritePadded4(Span<byte> target, int value)
    {
        target[0] = (byte)(value | 0x80);
        target[1] = (byte)(value >> 7 | 0x80);
        target[2] = (byte)(value >> 14 | 0x80);
        target[3] = (byte)(value >> 21 & 0x7F);
    }
}

using System.Numerics;

namespace Tributary.Contracts.Batches;

/// <summary>Protobuf base-128 integers.</summary>
internal static class Varint
{
    public static int Size(uint value) => (int)((uint)((31 - BitOperations.LeadingZeroCount(value | 1)) * 9 + 73) / 64);

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

    /// <summary>Writes a value below 2^28 in exactly four bytes, so that a length can be filled in afterwards; every protobuf reader takes the padding.</summary>
    public static void WritePadded4(Span<byte> target, int value)
    {
        target[0] = (byte)(value | 0x80);
        target[1] = (byte)(value >> 7 | 0x80);
        target[2] = (byte)(value >> 14 | 0x80);
        target[3] = (byte)(value >> 21 & 0x7F);
    }
}

using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tributary.Collector.Formats;

/// <summary>
/// Reads RFC 3339 times with up to nanoseconds. Successive lines mostly share everything up to the second, so that part
/// is compared with the last one, sixteen bytes at once, and only the fraction is read, eight digits at once. Not
/// thread-safe.
/// </summary>
internal sealed class Rfc3339
{
    private const int SecondsLength = 19;
    private const int ZoneLength = 6;

    /// <summary>64 bits of nanoseconds end in July 2554.</summary>
    private const int YearMax = 2553;

    private const ulong Zeros = 0x3030_3030_3030_3030;

    // Begin with what their number is, so that nothing has to tell whether there was a last time. The two overlap.
    private Vector128<byte> _lastHead = Vector128.Create("1970-01-01T00:00:00"u8);
    private Vector128<byte> _lastTail = Vector128.Create("1970-01-01T00:00:00"u8[(SecondsLength - 16)..]);
    private ulong _lastUnixNano;

    /// <summary>Reads the whole span as a time; false when it is none.</summary>
    public bool TryParse(ReadOnlySpan<byte> text, out ulong unixNano) => TryParse(text, out unixNano, out var length) && length == text.Length;

    /// <summary>Reads the time at the start of the span; false when there is none.</summary>
    [SkipLocalsInit]
    public bool TryParse(ReadOnlySpan<byte> text, out ulong unixNano, out int length)
    {
        unixNano = 0;
        length = SecondsLength;
        if (text.Length < SecondsLength + 1)
        {
            return false;
        }

        if ((Vector128.Create(text) != _lastHead || Vector128.Create(text[(SecondsLength - 16)..]) != _lastTail) && !TakeSeconds(text[..SecondsLength]))
        {
            return false;
        }

        ulong nanos = 0;
        if (text[SecondsLength] == '.' && !TryFraction(text, ref length, out nanos))
        {
            return false;
        }

        if ((uint)length < (uint)text.Length && text[length] is (byte)'Z' or (byte)'z')
        {
            length++;
            unixNano = _lastUnixNano + nanos;
            return true;
        }

        if (!TryParseZone(text[length..], out var zoneSeconds))
        {
            return false;
        }

        length += ZoneLength;
        var utc = _lastUnixNano + nanos;
        var zoneNanos = zoneSeconds * 1_000_000_000L;
        unixNano = utc - (ulong)zoneNanos;
        return zoneNanos <= 0 || (ulong)zoneNanos <= utc;
    }

    private bool TakeSeconds(ReadOnlySpan<byte> seconds)
    {
        if (!TryParseSeconds(seconds, out var parsed))
        {
            return false;
        }

        _lastHead = Vector128.Create(seconds);
        _lastTail = Vector128.Create(seconds[(SecondsLength - 16)..]);
        _lastUnixNano = parsed;
        return true;
    }

    /// <summary>Reads a point and at least one digit at <paramref name="at"/>, which moves behind them; what is finer than a nanosecond is cut.</summary>
    private static bool TryFraction(ReadOnlySpan<byte> text, ref int at, out ulong nanos)
    {
        var start = at + 1;
        var digits = 0;
        nanos = 0;
        if (text.Length - start >= sizeof(ulong))
        {
            var eight = BinaryPrimitives.ReadUInt64LittleEndian(text[start..]);

            // A byte that is no digit gets its high bit: by 0x46 what lies above '9', by the difference what lies below '0'.
            var others = ((eight + 0x4646_4646_4646_4646) | (eight - Zeros) | eight) & 0x8080_8080_8080_8080;
            digits = BitOperations.TrailingZeroCount(others) / 8;
            nanos = EightDigits(digits == 8 ? eight - Zeros : (eight - Zeros) & ((1UL << (digits * 8)) - 1)) * 10;
            if (digits < 8)
            {
                at = start + digits;
                return digits > 0;
            }
        }

        var scale = digits == 8 ? 1UL : 100_000_000UL;
        for (at = start + digits; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
        {
            nanos += (ulong)(text[at] - '0') * scale;
            scale /= 10;
        }

        return at > start;
    }

    /// <summary>Eight digit values, the first one in the lowest byte, as one number: neighbours are joined three times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong EightDigits(ulong values)
    {
        values = (values * 10) + (values >> 8);
        return (((values & 0x0000_00FF_0000_00FF) * 0x000F_4240_0000_0064) + (((values >> 16) & 0x0000_00FF_0000_00FF) * 0x0000_2710_0000_0001)) >> 32;
    }

    private static bool TryParseZone(ReadOnlySpan<byte> zone, out long seconds)
    {
        seconds = 0;
        if (zone.Length < ZoneLength || zone[0] is not ((byte)'+' or (byte)'-') || zone[3] != ':'
            || !TryDigits(zone[1..3], out var hours) || !TryDigits(zone[4..6], out var minutes))
        {
            return false;
        }

        seconds = (hours * 60 + minutes) * 60 * (zone[0] == '-' ? -1 : 1);
        return hours < 24 && minutes < 60;
    }

    private static bool TryParseSeconds(ReadOnlySpan<byte> t, out ulong unixNano)
    {
        unixNano = 0;
        if (t[4] != '-' || t[7] != '-' || t[10] is not ((byte)'T' or (byte)'t' or (byte)' ') || t[13] != ':' || t[16] != ':'
            || !TryDigits(t[..4], out var year) || !TryDigits(t[5..7], out var month) || !TryDigits(t[8..10], out var day)
            || !TryDigits(t[11..13], out var hour) || !TryDigits(t[14..16], out var minute) || !TryDigits(t[17..19], out var second)
            || year is < 1970 or > YearMax || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        var date = new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Utc);
        unixNano = ((ulong)(date - DateTime.UnixEpoch).Ticks + (ulong)second * TimeSpan.TicksPerSecond) * 100;
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> digits, out int value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            if ((uint)(digit - '0') > 9)
            {
                return false;
            }

            value = value * 10 + (digit - '0');
        }

        return true;
    }
}

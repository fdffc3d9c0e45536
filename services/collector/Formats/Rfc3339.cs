using System.Runtime.CompilerServices;

namespace Tributary.Collector.Formats;

/// <summary>
/// Reads RFC 3339 times with up to nanoseconds. Successive lines mostly share everything up to the second, so that part
/// is compared with the last one and only the fraction is read. Not thread-safe.
/// </summary>
internal sealed class Rfc3339
{
    private const int SecondsLength = 19;

    /// <summary>64 bits of nanoseconds end in July 2554.</summary>
    private const int YearMax = 2553;

    // Begins with what its number is, so that nothing has to tell whether there was a last time.
    private readonly byte[] _lastSeconds = "1970-01-01T00:00:00"u8.ToArray();
    private ulong _lastUnixNano;

    /// <summary>Reads the whole span as a time; false when it is none.</summary>
    [SkipLocalsInit]
    public bool TryParse(ReadOnlySpan<byte> text, out ulong unixNano)
    {
        unixNano = 0;
        if (text.Length < SecondsLength + 1)
        {
            return false;
        }

        var seconds = text[..SecondsLength];
        if (!seconds.SequenceEqual(_lastSeconds))
        {
            if (!TryParseSeconds(seconds, out var parsed))
            {
                return false;
            }

            seconds.CopyTo(_lastSeconds);
            _lastUnixNano = parsed;
        }

        var at = SecondsLength;
        ulong nanos = 0;
        if (text[at] == '.')
        {
            at++;
            var scale = 100_000_000UL;
            var start = at;
            while (at < text.Length && (uint)(text[at] - '0') <= 9)
            {
                nanos += (ulong)(text[at] - '0') * scale;
                scale /= 10;
                at++;
            }

            if (at == start)
            {
                return false;
            }
        }

        if (!TryParseZone(text[at..], out var zoneSeconds))
        {
            return false;
        }

        var utc = _lastUnixNano + nanos;
        var zoneNanos = zoneSeconds * 1_000_000_000L;
        unixNano = utc - (ulong)zoneNanos;
        return zoneNanos <= 0 || (ulong)zoneNanos <= utc;
    }

    private static bool TryParseZone(ReadOnlySpan<byte> zone, out long seconds)
    {
        seconds = 0;
        if (zone.Length == 1)
        {
            return zone[0] is (byte)'Z' or (byte)'z';
        }

        if (zone.Length != 6 || zone[0] is not ((byte)'+' or (byte)'-') || zone[3] != ':'
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

using Tributary.Config;

namespace Tributary.Collector.Records.Parsing;

/// <summary>
/// Reads a time by a pattern. Where the pattern has no year, the latest year is meant in which the time is not more than
/// a day ahead of the reference: December read in January is last year's. Not thread-safe.
/// </summary>
internal sealed class TimePattern(IReadOnlyList<TimePart> parts)
{
    private const int NoOffset = int.MaxValue;

    private const int DaySeconds = 86_400;

    private readonly TimePart[] _parts = [.. parts];

    // What one time says.
    private int _year;
    private int _month;
    private int _day;
    private int _dayOfYear;
    private int _hour;
    private int _half;
    private int _minute;
    private int _second;
    private ulong _nanos;
    private long _unixSeconds;
    private int _offset;

    public bool TryRead(ReadOnlySpan<byte> text, ulong reference, ZoneOffsets zone, out ulong unixNano)
    {
        unixNano = 0;
        (_year, _month, _day, _dayOfYear, _hour, _half, _minute, _second) = (0, 0, 0, 0, 0, -1, 0, 0);
        (_nanos, _unixSeconds, _offset) = (0, -1, NoOffset);
        foreach (var part in _parts)
        {
            if (!TryPart(part, ref text))
            {
                return false;
            }
        }

        if (!text.IsEmpty || !TryHour())
        {
            return false;
        }

        if (_unixSeconds >= 0)
        {
            return ZoneOffsets.TryToUtc(_unixSeconds, 0, _nanos, out unixNano);
        }

        return _year != 0 ? TryYear(_year, zone, out unixNano) : TryLatestYear(reference, zone, out unixNano);
    }

    private bool TryLatestYear(ulong reference, ZoneOffsets zone, out ulong unixNano)
    {
        unixNano = 0;
        var latest = reference + DaySeconds * 1_000_000_000UL;
        var year = DateTime.UnixEpoch.AddTicks((long)(latest / 100)).Year + 1;
        // The 29th of February may be eight years back.
        for (var tries = 0; tries < 10 && year >= 1970; tries++, year--)
        {
            if (TryYear(year, zone, out unixNano) && unixNano <= latest)
            {
                return true;
            }
        }

        return false;
    }

    private bool TryYear(int year, ZoneOffsets zone, out ulong unixNano)
    {
        unixNano = 0;
        if (year is < 1969 or > 2553)
        {
            return false;
        }

        var days = (new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).Days;
        if (_dayOfYear > 0)
        {
            if (_dayOfYear > (DateTime.IsLeapYear(year) ? 366 : 365))
            {
                return false;
            }

            days += _dayOfYear - 1;
        }
        else
        {
            if (_month is < 1 or > 12 || _day < 1 || _day > DateTime.DaysInMonth(year, _month))
            {
                return false;
            }

            days = (new DateTime(year, _month, _day, 0, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).Days;
        }

        var seconds = days * (long)DaySeconds + _hour * 3600 + _minute * 60 + _second;
        return _offset == NoOffset
            ? zone.TryToUtc(seconds, _nanos, out unixNano)
            : ZoneOffsets.TryToUtc(seconds, _offset, _nanos, out unixNano);
    }

    private bool TryHour()
    {
        if (_half >= 0)
        {
            if (_hour is < 1 or > 12)
            {
                return false;
            }

            _hour = _hour % 12 + _half * 12;
        }

        // A leap second is the first one of the next minute.
        return _hour <= 23 && _minute <= 59 && _second <= 60;
    }

    private bool TryPart(TimePart part, ref ReadOnlySpan<byte> text)
    {
        switch (part.Kind)
        {
            case TimePartKind.Literal:
                if (text.IsEmpty || text[0] != part.Literal)
                {
                    return false;
                }

                text = text[1..];
                return true;
            case TimePartKind.Spaces:
                var spaces = text.IndexOfAnyExcept((byte)' ', (byte)'\t');
                spaces = spaces < 0 ? text.Length : spaces;
                text = text[spaces..];
                return spaces > 0;
            case TimePartKind.Year:
                return TryDigits(ref text, 4, 4, out _year);
            case TimePartKind.ShortYear:
                var read = TryDigits(ref text, 2, 2, out _year);
                _year += _year < 69 ? 2000 : 1900;
                return read;
            case TimePartKind.Month:
                return TryDigits(ref text, 1, 2, out _month);
            case TimePartKind.MonthName:
                return TryName(ref text, Months, out _month);
            case TimePartKind.Day:
                return TryDigits(ref text, 1, 2, out _day);
            case TimePartKind.DayOfYear:
                return TryDigits(ref text, 1, 3, out _dayOfYear) && _dayOfYear > 0;
            case TimePartKind.WeekdayName:
                return TryName(ref text, Weekdays, out _);
            case TimePartKind.Hour or TimePartKind.Hour12:
                return TryDigits(ref text, 1, 2, out _hour);
            case TimePartKind.HalfDay:
                return TryHalf(ref text);
            case TimePartKind.Minute:
                return TryDigits(ref text, 1, 2, out _minute);
            case TimePartKind.Second:
                return TryDigits(ref text, 1, 2, out _second);
            case TimePartKind.Fraction:
                return TryFraction(ref text);
            case TimePartKind.Zone:
                return TryZone(ref text);
            default:
                return TryUnixSeconds(ref text);
        }
    }

    private static bool TryDigits(ref ReadOnlySpan<byte> text, int min, int max, out int value)
    {
        value = 0;
        // A day or an hour may be padded with a space.
        if (max == 2 && !text.IsEmpty && text[0] == ' ')
        {
            text = text[1..];
        }

        var count = 0;
        while (count < max && count < text.Length && (uint)(text[count] - '0') <= 9)
        {
            value = value * 10 + (text[count++] - '0');
        }

        text = text[count..];
        return count >= min;
    }

    private bool TryFraction(ref ReadOnlySpan<byte> text)
    {
        var scale = 1_000_000_000UL;
        var count = 0;
        while (count < text.Length && (uint)(text[count] - '0') <= 9)
        {
            scale /= 10;
            _nanos += (ulong)(text[count++] - '0') * scale;
        }

        text = text[count..];
        return count > 0;
    }

    private bool TryUnixSeconds(ref ReadOnlySpan<byte> text)
    {
        _unixSeconds = 0;
        var count = 0;
        while (count < text.Length && (uint)(text[count] - '0') <= 9 && count < 12)
        {
            _unixSeconds = _unixSeconds * 10 + (text[count++] - '0');
        }

        text = text[count..];
        return count > 0;
    }

    private bool TryHalf(ref ReadOnlySpan<byte> text)
    {
        if (text.Length < 2 || (text[1] | 0x20) != 'm' || (text[0] | 0x20) is not ('a' or 'p'))
        {
            return false;
        }

        _half = (text[0] | 0x20) == 'p' ? 1 : 0;
        text = text[2..];
        return true;
    }

    /// <summary>+08:00, +0800, +08, Z, UTC or GMT; other names of zones are not of one meaning.</summary>
    private bool TryZone(ref ReadOnlySpan<byte> text)
    {
        _offset = 0;
        if (text.StartsWith("Z"u8) || text.StartsWith("z"u8))
        {
            text = text[1..];
            return true;
        }

        if (text.StartsWith("UTC"u8) || text.StartsWith("GMT"u8))
        {
            text = text[3..];
            return true;
        }

        if (text.IsEmpty || text[0] is not ((byte)'+' or (byte)'-'))
        {
            return false;
        }

        var sign = text[0] == '-' ? -1 : 1;
        text = text[1..];
        if (!TryDigits(ref text, 2, 2, out var hours))
        {
            return false;
        }

        var minutes = 0;
        if (text is [(byte)':', ..])
        {
            text = text[1..];
        }

        if (text.Length >= 2 && (uint)(text[0] - '0') <= 9 && !TryDigits(ref text, 2, 2, out minutes))
        {
            return false;
        }

        _offset = sign * (hours * 3600 + minutes * 60);
        return hours < 24 && minutes < 60;
    }

    /// <summary>An English name, whole or its first three letters, in any case.</summary>
    private static bool TryName(ref ReadOnlySpan<byte> text, byte[][] names, out int number)
    {
        for (number = 1; number <= names.Length; number++)
        {
            var name = names[number - 1];
            if (text.Length < 3 || !Same(text[..3], name.AsSpan(0, 3)))
            {
                continue;
            }

            text = text.Length >= name.Length && Same(text[..name.Length], name) ? text[name.Length..] : text[3..];
            return true;
        }

        return false;
    }

    private static bool Same(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name) => System.Text.Ascii.EqualsIgnoreCase(text, name);

    private static readonly byte[][] Months = Bytes(
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december");

    private static readonly byte[][] Weekdays = Bytes("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday");

    private static byte[][] Bytes(params IEnumerable<string> names) => [.. names.Select(System.Text.Encoding.ASCII.GetBytes)];
}

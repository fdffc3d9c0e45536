using Tributary.Collector.Formats;
using Tributary.Config;

namespace Tributary.Collector.Records.Parsing;

/// <summary>
/// Reads the times of one format to nanoseconds. Times of successive lines often are the same text: the last one is
/// remembered. A time that a zone skips or has twice is taken by its standard offset. Not thread-safe.
/// </summary>
internal sealed class TimeReader(TimeFormat format, TimeZoneInfo zone)
{
    private const ulong NanosPerSecond = 1_000_000_000;

    private readonly Rfc3339 _rfc3339 = new();
    private readonly TimePattern _pattern = new(format.Parts);
    private readonly ZoneOffsets _zone = new(zone);
    private readonly byte[] _last = new byte[48];
    private int _lastLength;
    private ulong _lastTime;

    /// <param name="text">The whole time.</param>
    /// <param name="reference">When the line was written or read at the latest: tells the year where the text does not.</param>
    /// <param name="unixNano">Nanoseconds since 1970 UTC.</param>
    public bool TryRead(ReadOnlySpan<byte> text, ulong reference, out ulong unixNano)
    {
        if (text.Length == _lastLength && _lastLength > 0 && text.SequenceEqual(_last.AsSpan(0, _lastLength)))
        {
            unixNano = _lastTime;
            return true;
        }

        if (!TryReadNew(text, reference, out unixNano))
        {
            return false;
        }

        if (text.Length <= _last.Length && !format.IsYearless)
        {
            text.CopyTo(_last);
            _lastLength = text.Length;
            _lastTime = unixNano;
        }

        return true;
    }

    private bool TryReadNew(ReadOnlySpan<byte> text, ulong reference, out ulong unixNano) => format.Form switch
    {
        TimeForm.Rfc3339 => TryRfc3339(text, out unixNano),
        TimeForm.Unix => TryNumber(text, NanosPerSecond, out unixNano),
        TimeForm.UnixMs => TryNumber(text, 1_000_000, out unixNano),
        TimeForm.UnixUs => TryNumber(text, 1_000, out unixNano),
        TimeForm.UnixNs => TryNumber(text, 1, out unixNano),
        _ => _pattern.TryRead(text, reference, _zone, out unixNano),
    };

    /// <summary>Also without a zone, with a comma before the fraction, and with +0800.</summary>
    private bool TryRfc3339(ReadOnlySpan<byte> text, out ulong unixNano)
    {
        if (_rfc3339.TryParse(text, out unixNano))
        {
            return true;
        }

        if (text.Length is < 19 or > 40)
        {
            return false;
        }

        Span<byte> usual = stackalloc byte[44];
        text.CopyTo(usual);
        var length = text.Length;
        if (text.Length > 19 && text[19] == ',')
        {
            usual[19] = (byte)'.';
        }

        if (text.Length >= 24 && text[^5] is (byte)'+' or (byte)'-')
        {
            text[^2..].CopyTo(usual[(length - 1)..]);
            usual[length - 2] = (byte)':';
            return _rfc3339.TryParse(usual[..(length + 1)], out unixNano);
        }

        if (_rfc3339.TryParse(usual[..length], out unixNano))
        {
            return true;
        }

        usual[length] = (byte)'Z';
        return _rfc3339.TryParse(usual[..(length + 1)], out var local) && _zone.TryToUtc((long)(local / NanosPerSecond), local % NanosPerSecond, out unixNano);
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, ulong unit, out ulong unixNano)
    {
        unixNano = 0;
        ulong whole = 0;
        var at = 0;
        while (at < text.Length && (uint)(text[at] - '0') <= 9)
        {
            whole = whole * 10 + (ulong)(text[at] - '0');
            if (at++ >= 19)
            {
                return false;
            }
        }

        if (at == 0)
        {
            return false;
        }

        ulong fraction = 0;
        if (at < text.Length && text[at] is (byte)'.' or (byte)',')
        {
            var scale = unit;
            for (at++; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
            {
                scale /= 10;
                fraction += (ulong)(text[at] - '0') * scale;
            }
        }

        if (at != text.Length || whole > ulong.MaxValue / unit - 1)
        {
            return false;
        }

        unixNano = whole * unit + fraction;
        return true;
    }
}

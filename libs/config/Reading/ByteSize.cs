using System.Globalization;

namespace Tributary.Config;

/// <summary>A number of bytes as written: whole numbers with B, KB, MB, GB (1000) or KiB, MiB, GiB (1024); no unit is bytes.</summary>
internal static class ByteSize
{
    public const string Expected = "bytes such as 64MiB, 1MB or 65536";

    private static readonly (string Unit, long Factor)[] Units =
    [
        ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("kB", 1_000), ("B", 1), ("", 1),
    ];

    /// <summary>False where it is no size; a size beyond 2^63 is given as the greatest number.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        var (unit, factor) = Units.First(u => text.EndsWith(u.Unit, StringComparison.Ordinal));
        var digits = text.AsSpan(0, text.Length - unit.Length).TrimEnd(' ');
        bytes = 0;
        if (digits.IsEmpty || digits.IndexOfAnyExceptInRange('0', '9') >= 0)
            return false;
        bytes = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue / factor
            ? number * factor
            : long.MaxValue;
        return true;
    }

    /// <summary>With the greatest binary unit that leaves a whole number.</summary>
    public static string Format(long bytes)
    {
        var (unit, factor) = Units.Take(3).FirstOrDefault(u => bytes > 0 && bytes % u.Factor == 0, ("", 1));
        return bytes / factor + unit;
    }
}

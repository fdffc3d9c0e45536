using System.Globalization;

namespace Tributary.Config;

/// <summary>A share as written: <c>0.25</c>, or <c>1/4</c>.</summary>
internal static class Fraction
{
    public const string Expected = "a number from 0 to 1 such as 0.1, or 1/N such as 1/100";

    private const NumberStyles Decimal = NumberStyles.AllowDecimalPoint;

    public static bool TryParse(string text, out double fraction)
    {
        fraction = 0;
        var slash = text.IndexOf('/');
        if (slash < 0)
            return text.Length <= 20 && double.TryParse(text, Decimal, CultureInfo.InvariantCulture, out fraction);
        if (text[..slash] != "1" || !uint.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var parts) || parts == 0)
            return false;
        fraction = 1.0 / parts;
        return true;
    }
}

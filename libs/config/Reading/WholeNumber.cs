using System.Globalization;

namespace Tributary.Config;

/// <summary>A whole number as written; one that an int cannot hold is given as the nearest, for the bounds to refuse.</summary>
internal static class WholeNumber
{
    public static bool TryParse(string text, out int number)
    {
        number = 0;
        var digits = text.StartsWith('-') ? text.AsSpan(1) : text;
        if (digits.IsEmpty || digits.IndexOfAnyExceptInRange('0', '9') >= 0)
            return false;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
            number = text.StartsWith('-') ? int.MinValue : int.MaxValue;
        return true;
    }
}

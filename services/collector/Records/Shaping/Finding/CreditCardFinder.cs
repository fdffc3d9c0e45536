using System.Buffers;

namespace Tributary.Collector.Records.Shaping.Finding;

/// <summary>
/// Card numbers: 13 to 19 digits whose check digit is right (Luhn), in one run or in groups parted by single spaces or
/// dashes. They begin with 22 to 27 or with 3 to 9: no other card is in use, but times such as 1732194278123 and
/// 20241121131005 are. Beside a hexadecimal letter stand parts of UUIDs and hashes.
/// </summary>
internal sealed class CreditCardFinder : IFinder
{
    private const int DigitsMin = 13;

    private const int DigitsMax = 19;

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

    public void FindAll(ReadOnlySpan<byte> text, List<Slice> found)
    {
        var at = 0;
        while (true)
        {
            var next = text[at..].IndexOfAny(Digits);
            if (next < 0 || text.Length - at - next < DigitsMin)
            {
                return;
            }

            at += next;
            var length = at > 0 && IsHexLetter(text[at - 1]) ? 0 : LengthAt(text[at..]);
            if (length > 0)
            {
                found.Add(new Slice(at, length));
                at += length;
            }
            else
            {
                // The next group: within one, a number does not begin.
                var end = text[at..].IndexOfAnyExcept(Digits);
                if (end < 0)
                {
                    return;
                }

                at += end;
            }
        }
    }

    /// <summary>The length of the longest card number that begins here and ends with a group; 0 without.</summary>
    private static int LengthAt(ReadOnlySpan<byte> text)
    {
        if (text[0] < '2' || (text[0] == '2' && (text.Length < 2 || text[1] is < (byte)'2' or > (byte)'7')))
        {
            return 0;
        }

        // Luhn from the left: both sums are kept, as which digits count double is known at the end only.
        int even = 0, odd = 0, count = 0, length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var digit = text[i] - '0';
            if ((uint)digit <= 9)
            {
                if (++count > DigitsMax)
                {
                    break;
                }

                (even, odd) = (odd + digit, even + (digit > 4 ? digit * 2 - 9 : digit * 2));
                var ends = i + 1 == text.Length || (uint)(text[i + 1] - '0') > 9;
                if (ends && count >= DigitsMin && even % 10 == 0 && (i + 1 == text.Length || !IsHexLetter(text[i + 1])))
                {
                    length = i + 1;
                }
            }
            else if (text[i] is not ((byte)' ' or (byte)'-') || i + 1 == text.Length || (uint)(text[i + 1] - '0') > 9)
            {
                break;
            }
        }

        return length;
    }

    private static bool IsHexLetter(byte b) => (b | 0x20) is >= 'a' and <= 'f';
}

using System.Buffers;

namespace Tributary.Collector.Records.Shaping.Finding;

/// <summary>
/// IPv6 addresses in all forms: eight groups, fewer with <c>::</c>, an IPv4 address at the end. No times and no MAC
/// addresses: they have fewer groups and no <c>::</c>. Eight groups of two digits are the name of a device, and two
/// groups without a digit, as in <c>Bad::Face</c>, are code.
/// </summary>
internal sealed class Ipv6Finder : IFinder
{
    private const int Groups = 8;

    /// <summary>The longest form: eight groups of four, or an IPv4 address in place of the last two.</summary>
    private const int LengthMax = 45;

    private static readonly SearchValues<byte> AddressBytes = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    private static readonly SearchValues<byte> QuadBytes = SearchValues.Create("0123456789."u8);

    public void FindAll(ReadOnlySpan<byte> text, List<Slice> found)
    {
        var at = 0;
        while (true)
        {
            var colon = text[at..].IndexOf((byte)':');
            if (colon < 0)
            {
                return;
            }

            var start = at + text.Slice(at, colon).LastIndexOfAnyExcept(AddressBytes) + 1;
            var length = text[start..].IndexOfAnyExcept(AddressBytes);
            var end = length < 0 ? text.Length : start + length;
            FindWithin(text, start, end, found);
            at = end;
        }
    }

    /// <summary>Looks at each group of a run for an address that begins with it.</summary>
    private static void FindWithin(ReadOnlySpan<byte> text, int start, int end, List<Slice> found)
    {
        for (var at = start; at < end;)
        {
            if (IsStart(text, at))
            {
                var length = LengthOf(text[at..Math.Min(end, at + LengthMax + 1)], followedByLetter: end < text.Length && IsWord(text[end]) ? end - at : -1);
                if (length > 0)
                {
                    found.Add(new Slice(at, length));
                    at += length;
                    continue;
                }
            }

            at++;
        }
    }

    /// <summary>After a letter or a digit nothing begins; after a colon only what is no <c>::</c>.</summary>
    private static bool IsStart(ReadOnlySpan<byte> text, int at) =>
        text[at] != '.' && (at == 0 || (!IsWord(text[at - 1]) && text[at - 1] != '.' && (text[at - 1] != ':' || text[at] != ':')));

    private static bool IsWord(byte b) => char.IsAsciiLetterOrDigit((char)b) || b == '_';

    /// <summary>The length of the longest address that begins here; 0 without.</summary>
    private static int LengthOf(ReadOnlySpan<byte> text, int followedByLetter)
    {
        int at = 0, groups = 0, best = 0;
        var compressed = false;
        var allPairs = true;
        var hasDigit = false;
        if (text.StartsWith("::"u8))
        {
            compressed = true;
            at = 2;
        }

        while (groups < Groups)
        {
            var digits = 0;
            while (at + digits < text.Length && char.IsAsciiHexDigit((char)text[at + digits]))
            {
                hasDigit |= char.IsAsciiDigit((char)text[at + digits++]);
            }

            if (at + digits < text.Length && text[at + digits] == '.' && groups <= Groups - 2 && Quad(text[at..]) is > 0 and var quad)
            {
                return compressed || groups == Groups - 2 ? at + quad : best;
            }

            if (digits is 0 or > 4)
            {
                break;
            }

            groups++;
            allPairs &= digits == 2;
            at += digits;
            var isWhole = at != followedByLetter && (at == text.Length || !IsWord(text[at]));
            if (isWhole && (compressed ? groups < Groups && (hasDigit || groups > 2) : groups == Groups && !allPairs))
            {
                best = at;
            }

            if (at == text.Length || text[at] != ':')
            {
                break;
            }

            if (at + 1 < text.Length && text[at + 1] == ':')
            {
                if (compressed)
                {
                    break;
                }

                compressed = true;
                at += 2;
                if ((hasDigit || groups > 2) && groups < Groups && at != followedByLetter && (at == text.Length || !IsWord(text[at])))
                {
                    best = at;
                }
            }
            else
            {
                at++;
            }
        }

        return best;
    }

    private static int Quad(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExcept(QuadBytes);
        return Ipv4Finder.LengthOf((end < 0 ? text : text[..end]).TrimEnd((byte)'.'));
    }
}

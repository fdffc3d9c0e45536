namespace Tributary.Collector.Records.Shaping.Finding;

/// <summary>
/// IPv4 addresses: four numbers from 0 to 255. Five numbers are something else, and so is a version that says so by a
/// <c>v</c> before or a letter behind; a version of four small numbers alone looks like an address and counts as one.
/// </summary>
internal sealed class Ipv4Finder : IFinder
{
    public void FindAll(ReadOnlySpan<byte> text, List<Slice> found)
    {
        var at = 0;
        while (true)
        {
            var dot = text[at..].IndexOf((byte)'.');
            if (dot < 0)
            {
                return;
            }

            // Numbers and dots around the first dot.
            var end = at + dot;
            var start = end;
            while (start > at && char.IsAsciiDigit((char)text[start - 1]))
            {
                start--;
            }

            if (start == end)
            {
                at = end + 1;
                continue;
            }

            while (end < text.Length && (char.IsAsciiDigit((char)text[end]) || text[end] == '.'))
            {
                end++;
            }

            var length = LengthOf(text[start..end].TrimEnd((byte)'.'));
            if (length > 0 && !IsVersion(text, start, start + length))
            {
                found.Add(new Slice(start, length));
            }

            at = end;
        }
    }

    /// <summary>The length of an address that begins here; 0 when it is none, or the text goes on in numbers.</summary>
    internal static int LengthOf(ReadOnlySpan<byte> text)
    {
        int at = 0, value = 0, digits = 0, groups = 0;
        for (; at <= text.Length; at++)
        {
            if (at < text.Length && text[at] != '.')
            {
                value = value * 10 + (text[at] - '0');
                if (++digits > 3 || value > 255)
                {
                    return 0;
                }

                continue;
            }

            if (digits == 0)
            {
                // Two dots: a sentence may end so, with all four before it.
                return groups == 4 ? at - 1 : 0;
            }

            groups++;
            value = digits = 0;
        }

        return groups == 4 ? text.Length : 0;
    }

    private static bool IsVersion(ReadOnlySpan<byte> text, int start, int end) =>
        (start > 0 && (text[start - 1] | 0x20) == 'v' && (start == 1 || !char.IsAsciiLetterOrDigit((char)text[start - 2])))
        || (end < text.Length && (char.IsAsciiLetter((char)text[end]) || text[end] == '_'));
}

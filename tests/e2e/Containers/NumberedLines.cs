using System.Globalization;

namespace Tributary.Tests.E2e.Containers;

/// <summary>
/// The numbered lines that a container prints by awk, and the same lines computed here, so that what arrives is compared
/// byte by byte. Among short ASCII lines are some with quotes, escapes and other scripts, and some at and above the
/// 16 KiB at which Docker splits.
/// </summary>
internal static class NumberedLines
{
    private const string Filler = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 ";
    private const string Special = "naïve Übermaß 日本語 🦊 \"quoted\" back\\slash tab\there \u001b[31mred\u001b[0m <&>";
    private const string SpecialInAwk = "naïve Übermaß 日本語 🦊 \\\"quoted\\\" back\\\\slash tab\\there \\033[31mred\\033[0m <&>";

    // Lines of stream 2 go to stderr when a container prints to both: then the even numbers are stdout's.
    private const string Program =
        """
        BEGIN {
            big = "x"; while (length(big) < 65536) big = big big;
            fill = filler filler filler filler;
            for (n = from; n < to; n++) {
                if (parity >= 0 && n % 2 != parity) continue;
                head = sprintf("c=%02d n=%06d ", c, n);
                if (n % 1000 == 3) text = special;
                else if (longest < 16384) text = substr(fill, 1 + n % 60, 20 + (n * 7919) % 160);
                else if (n % 2500 == 17) text = substr(big, 1, 20000);
                else if (n % 2500 == 18) text = substr(big, 1, 16384 - length(head));
                else if (n % 2500 == 1020) text = substr(big, 1, 16383 - length(head));
                else if (n % 5000 == 2021) text = substr(big, 1, 50000);
                else text = substr(fill, 1 + n % 60, 20 + (n * 7919) % 160);
                print head text;
            }
        }
        """;

    /// <param name="container">The container's number.</param>
    /// <param name="number">The line's.</param>
    /// <param name="withLong">Whether lines that Docker splits are among them.</param>
    public static string Text(int container, int number, bool withLong = true)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"c={container:00} n={number:000000} ");
        return head + (number switch
        {
            _ when number % 1000 == 3 => Special,
            _ when !withLong => Short(number),
            _ when number % 2500 == 17 => new string('x', 20000),
            _ when number % 2500 == 18 => new string('x', 16384 - head.Length),
            _ when number % 2500 == 1020 => new string('x', 16383 - head.Length),
            _ when number % 5000 == 2021 => new string('x', 50000),
            _ => Short(number),
        });
    }

    /// <summary>The line's number; null when it has none.</summary>
    public static int? Number(string text) =>
        text.Length >= 13 && text.StartsWith("c=", StringComparison.Ordinal) && int.TryParse(text.AsSpan(7, 6), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>A shell function <c>lines FROM TO</c> (TO excluded); with <paramref name="mixed"/> odd numbers go to stderr.</summary>
    public static string Shell(int container, bool mixed, bool withLong)
    {
        string Awk(string parity) =>
            $"awk -v c={container} -v from=$1 -v to=$2 -v parity={parity} -v longest={(withLong ? 65536 : 0)} -v filler='{Filler}' -v special='{SpecialInAwk}' '{Program}'";

        return mixed
            ? $"lines() {{ {Awk("0")}; {Awk("1")} >&2; }}\n"
            : $"lines() {{ {Awk("-1")}; }}\n";
    }

    private static string Short(int number) => string.Concat(Enumerable.Repeat(Filler, 4)).Substring(number % 60, 20 + (int)(number * 7919L % 160));
}

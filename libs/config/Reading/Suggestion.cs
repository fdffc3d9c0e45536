namespace Tributary.Config;

/// <summary>The known word that was probably meant: nearest by edits (a swap of neighbours is one), if near enough.</summary>
internal static class Suggestion
{
    private const int LengthMax = 64;

    /// <summary><c>; did you mean "x"?</c>, or nothing where no word is near.</summary>
    public static string DidYouMean(string wrong, IEnumerable<string> known) =>
        Nearest(wrong, known) is { } word ? $"; did you mean \"{word}\"?" : "";

    /// <summary>Up to a third of the longer word may differ, and never all of it; ties go to the first.</summary>
    public static string? Nearest(string wrong, IEnumerable<string> known)
    {
        if (wrong.Length is 0 or > LengthMax)
            return null;
        string? best = null;
        var bestEdits = int.MaxValue;
        foreach (var word in known)
        {
            var edits = Edits(wrong.ToLowerInvariant(), word.ToLowerInvariant());
            if (edits < bestEdits && edits <= Math.Max(1, Math.Max(wrong.Length, word.Length) / 3) && edits < word.Length)
                (best, bestEdits) = (word, edits);
        }
        return best;
    }

    private static int Edits(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var change = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(change, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }
        return rows[a.Length, b.Length];
    }
}

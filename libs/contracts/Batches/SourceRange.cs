using System.Globalization;
using System.Text;

namespace Tributary.Contracts.Batches;

/// <summary>
/// What of one source's stream a batch holds: every record that starts in <c>[Start, End)</c>. A consumer sees repeats
/// and order from it without decoding the body.
/// </summary>
/// <param name="SourceId">The source's identity.</param>
/// <param name="Stream"><c>stdout</c>, <c>stderr</c>, or empty where the file has no streams.</param>
/// <param name="Start">Inclusive byte offset.</param>
/// <param name="End">Exclusive byte offset.</param>
/// <param name="Records">How many records lie in it.</param>
public readonly record struct SourceRange(string SourceId, string Stream, long Start, long End, int Records)
{
    /// <summary>The header's text: <c>id:stream:start-end:records</c>, comma-separated.</summary>
    public static string Format(IReadOnlyCollection<SourceRange> ranges)
    {
        var text = new StringBuilder(ranges.Count * 48);
        foreach (var range in ranges)
        {
            text.Append(text.Length > 0 ? "," : "")
                .Append(CultureInfo.InvariantCulture, $"{range.SourceId}:{range.Stream}:{range.Start}-{range.End}:{range.Records}");
        }

        return text.ToString();
    }

    /// <exception cref="InvalidDataException">The text is not what <see cref="Format"/> writes.</exception>
    public static IReadOnlyList<SourceRange> Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return [];
        }

        var ranges = new List<SourceRange>();
        foreach (var entry in text.Split(','))
        {
            var parts = entry.Split(':');
            var dash = parts.Length == 4 ? parts[2].IndexOf('-') : -1;
            if (dash < 1
                || !long.TryParse(parts[2].AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var start)
                || !long.TryParse(parts[2].AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var end)
                || !int.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var records))
            {
                throw new InvalidDataException($"'{Excerpt.Of(entry)}' is not id:stream:start-end:records.");
            }

            ranges.Add(new SourceRange(parts[0], parts[1], start, end, records));
        }

        return ranges;
    }
}

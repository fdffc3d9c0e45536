using System.Globalization;
using System.Text;
using Tributary.Contracts;

namespace Tributary.Standalone.Top;

/// <summary>Two looks at a collector as lines of text: totals, then a line for each source, with the rates between the looks.</summary>
internal static class TopTable
{
    private const int NameMin = 16;
    private const int Columns = 81;

    /// <param name="before">The look before.</param>
    /// <param name="now">This look; the same one at first, when there are no rates yet.</param>
    /// <param name="sort">The sources' order.</param>
    /// <param name="height">The most lines.</param>
    /// <param name="width">The most characters of a line.</param>
    public static IReadOnlyList<string> Render(CollectorStatus before, CollectorStatus now, TopSort sort, int height, int width)
    {
        var seconds = (now.Time - before.Time).TotalSeconds;
        var restarted = before.StartedAt != now.StartedAt;
        var earlier = restarted ? [] : before.Sources.ToDictionary(s => s.Key, StringComparer.Ordinal);
        var rows = Sorted(now.Sources.Select(s => new Row(s, earlier.GetValueOrDefault(s.Key), seconds)), sort);
        var lines = new List<string>(Head(before, now, restarted ? 0 : seconds));
        foreach (var error in now.Errors.Take(3))
        {
            lines.Add($"! {error.Name}{(error.Path.Length > 0 ? $" ({error.Path})" : "")}: {error.Error}");
        }

        var name = Math.Max(NameMin, Math.Min(60, width - Columns));
        lines.Add("");
        lines.Add($"{"SOURCE".PadRight(name)} {"TARGET",-14} {"STATE",-9} {"LAG",9} {"AGE",6} {"BYTES/s",9} {"LINES/s",9} {"CONFIRMED",9} {"DROPPED",8}");
        var room = Math.Max(1, height - lines.Count - 1);
        lines.AddRange(rows.Take(room).Select(r => Line(r, name)));
        if (rows.Length > room || now.SourcesLeftOut > 0)
        {
            lines.Add($"… and {Math.Max(0, rows.Length - room) + now.SourcesLeftOut} more");
        }

        return [.. lines.Select(l => Clean(l, width))];
    }

    private static Row[] Sorted(IEnumerable<Row> rows, TopSort sort) =>
    [
        .. (sort switch
        {
            TopSort.Rate => rows.OrderByDescending(r => r.BytesPerSecond),
            TopSort.Dropped => rows.OrderByDescending(r => r.Dropped),
            TopSort.Name => rows.OrderBy(_ => 0),
            _ => rows.OrderByDescending(r => r.Source.LagBytes),
        }).ThenBy(r => r.Source.Name, StringComparer.Ordinal).ThenBy(r => r.Source.Key, StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Head(CollectorStatus before, CollectorStatus now, double seconds)
    {
        var up = now.Time - now.StartedAt;
        yield return string.Create(CultureInfo.InvariantCulture, $"{now.Node}, up {(int)up.TotalHours}:{up.Minutes:00}:{up.Seconds:00}: {now.Problem ?? "works"}. {now.SourceCount:N0} sources, {now.OpenFiles:N0} files open.");
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"lag {Size(now.LagBytes)}, {Age(now.LagSeconds)} old; in flight {Size(now.HeldBytes)}, oldest {Age(now.OldestUnconfirmedSeconds)}; "
            + $"{Size(Rate(now.BytesRead, before.BytesRead, seconds))}/s, {Rate(now.Lines, before.Lines, seconds):N0} lines/s, {Rate(now.Records, before.Records, seconds):N0} records/s confirmed");
        yield return string.Create(CultureInfo.InvariantCulture, $"since the start: {Size(now.BytesRead)}, {now.Lines:N0} lines, {now.Records:N0} records confirmed, dropped: {Dropped(now)}");
    }

    private static string Dropped(CollectorStatus now) => now.Dropped.Count == 0
        ? "none"
        : string.Join(", ", now.Dropped.OrderByDescending(d => d.Value).Take(5).Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Value:N0} {d.Key}")));

    private static string Line(Row row, int name)
    {
        var source = row.Source;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Fit(source.Name, name)} {Fit(source.Target, 14)} {source.State.ToString().ToLowerInvariant(),-9} {Size(source.LagBytes),9} {Age(source.LagSeconds),6} {Size(row.BytesPerSecond),9} {row.LinesPerSecond,9:N0} {Size(source.ConfirmedBytes),9} {row.Dropped,8:N0}")
            + (source.Problem is null ? "" : $"  {source.Problem}");
    }

    private static double Rate(long now, long before, double seconds) => seconds <= 0 ? 0 : Math.Max(0, now - before) / seconds;

    private static string Age(double seconds) => seconds switch
    {
        >= 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:F1} h"),
        >= 100 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:F0} m"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:F1} s"),
    };

    private static string Size(double bytes) => bytes switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F1} GB"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB"),
        >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:F1} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes:F0} B"),
    };

    private static string Fit(string text, int width) => Clean(text, width).PadRight(width);

    /// <summary>Names come from outside: nothing of them may steer the terminal.</summary>
    private static string Clean(string text, int width)
    {
        var clean = new StringBuilder(Math.Min(text.Length, width));
        foreach (var c in text.Length > width ? text[..(width - 1)] + "…" : text)
        {
            clean.Append(char.IsControl(c) ? '?' : c);
        }

        return clean.ToString();
    }

    private sealed record Row(SourceStatus Source, double BytesPerSecond, double LinesPerSecond, long Dropped)
    {
        public Row(SourceStatus source, SourceStatus? before, double seconds)
            : this(
                source,
                before is null ? 0 : Rate(source.BytesTotal, before.BytesTotal, seconds),
                before is null ? 0 : Rate(source.LinesTotal, before.LinesTotal, seconds),
                source.Dropped.Values.Sum())
        {
        }
    }
}

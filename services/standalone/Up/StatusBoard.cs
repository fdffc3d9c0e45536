using System.Globalization;
using System.Text;
using Tributary.Collector.Counting;
using Tributary.Collector.Tailing;
using Tributary.Contracts;

namespace Tributary.Standalone.Up;

/// <summary>
/// Shows what is followed, at what rate and with what lag: on a terminal a table that is redrawn in place below the log
/// lines, elsewhere a plain line now and then. Safe from any thread.
/// </summary>
internal sealed class StatusBoard : IDisposable
{
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly TextWriter _writer;
    private readonly bool _terminal;
    private Dictionary<string, long> _lastBytes = new(StringComparer.Ordinal);
    private long _lastRecords;
    private long _lastShown = TimeProvider.System.GetTimestamp();
    private string[] _table = [];
    private int _drawn;

    private StatusBoard(TextWriter writer, bool terminal)
    {
        _writer = writer;
        _terminal = terminal;
    }

    public static StatusBoard Create() => new(Console.Out, !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb"));

    /// <summary>A line that stays.</summary>
    public void WriteLine(string line)
    {
        lock (_lock)
        {
            Erase();
            _writer.WriteLine(line);
            Draw();
            _writer.Flush();
        }
    }

    /// <summary>Shows the status until stopped; the last table is left on the screen.</summary>
    public async Task ShowUntilAsync(TailLoop tail, CancellationToken stopping)
    {
        try
        {
            // The first plain line comes early, so that a user sees that it works.
            await Task.Delay(TimeSpan.FromSeconds(2), stopping);
            while (true)
            {
                Show(tail.Status);
                await Task.Delay(_terminal ? TerminalInterval : PlainInterval, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            Show(tail.Status);
            lock (_lock)
            {
                _table = [];
                _drawn = 0;
            }
        }
    }

    public void Dispose() => _writer.Flush();

    private void Show(TailStatus status)
    {
        var elapsed = TimeProvider.System.GetElapsedTime(_lastShown).TotalSeconds;
        _lastShown = TimeProvider.System.GetTimestamp();
        var before = _lastBytes;
        // Made anew, so that sources that have gone are forgotten.
        _lastBytes = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var source in status.Sources)
        {
            _lastBytes[source.Key] = source.BytesTotal;
        }

        var rows = status.Sources.Where(s => s.State != SourceState.Drained || s.LagBytes > 0)
            .Select(s => new Row(s, (s.BytesTotal - before.GetValueOrDefault(s.Key)) / elapsed))
            .OrderByDescending(r => r.BytesPerSecond).ThenByDescending(r => r.Source.LagBytes).ThenBy(r => r.Source.Name, StringComparer.Ordinal)
            .ToArray();
        var recordsPerSecond = (status.Total.Records - _lastRecords) / elapsed;
        _lastRecords = status.Total.Records;
        var summary = Summary(status, rows, recordsPerSecond);
        lock (_lock)
        {
            if (_terminal)
            {
                Erase();
                _table = Table(rows, summary);
                Draw();
            }
            else
            {
                _writer.WriteLine(summary);
            }

            _writer.Flush();
        }
    }

    private static string Summary(TailStatus status, Row[] rows, double recordsPerSecond) => string.Create(
        CultureInfo.InvariantCulture,
        $"following {rows.Length} source(s), {Size(rows.Sum(r => r.BytesPerSecond))}/s, {recordsPerSecond:N0} records/s, {status.Total.Records:N0} delivered, lag {Size(status.LagBytes)}"
        + $"{(status.OldestUnconfirmed > TimeSpan.FromSeconds(2) ? $", oldest unconfirmed {status.OldestUnconfirmed.TotalSeconds:F0} s" : "")}");

    private static string[] Table(Row[] rows, string summary)
    {
        var height = Math.Max(3, WindowHeight() - 5);
        var width = Math.Max(50, WindowWidth() - 1);
        var name = Math.Clamp(width - 40, 12, 60);
        var lines = new List<string> { Cut($"{"SOURCE".PadRight(name)} {"TARGET",-14} {"RATE",11} {"LAG",11}", width) };
        lines.AddRange(rows.Take(height).Select(r => Cut(
            $"{Fit(r.Source.Name, name)} {Fit(r.Source.Target, 14)} {Size(r.BytesPerSecond) + "/s",11} {r.Source.Problem ?? Size(r.Source.LagBytes),11}", width)));
        if (rows.Length > height)
        {
            lines.Add($"… and {rows.Length - height} more");
        }

        lines.Add(Cut(summary, width));
        return [.. lines];
    }

    private void Draw()
    {
        foreach (var line in _table)
        {
            _writer.WriteLine(line);
        }

        _drawn = _table.Length;
    }

    private void Erase()
    {
        if (_drawn > 0)
        {
            _writer.Write($"\u001b[{_drawn}A\r\u001b[J");
            _drawn = 0;
        }
    }

    private static int WindowHeight()
    {
        try
        {
            // A pseudo-terminal that nobody gave a size says 0.
            return Console.WindowHeight is > 0 and var height ? height : 24;
        }
        catch (IOException)
        {
            return 24;
        }
    }

    private static int WindowWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }

    private static string Fit(string text, int width) => Cut(text, width).PadRight(width);

    private static string Cut(string text, int width)
    {
        var clean = new StringBuilder(Math.Min(text.Length, width));
        foreach (var c in text.Length > width ? text[..(width - 1)] + "…" : text)
        {
            clean.Append(char.IsControl(c) ? '?' : c);
        }

        return clean.ToString();
    }

    private static string Size(double bytes) => bytes switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F1} GB"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB"),
        >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:F1} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes:F0} B"),
    };

    private sealed record Row(SourceStatus Source, double BytesPerSecond);
}

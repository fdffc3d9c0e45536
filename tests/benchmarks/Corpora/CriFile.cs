using System.Globalization;
using System.Text;

namespace Tributary.Benchmarks.Corpora;

/// <summary>Writes lines as a container runtime does in the CRI format, each a tenth of a millisecond after the one before.</summary>
internal sealed class CriFile(string path) : IDisposable
{
    private static readonly DateTime s_start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 20);

    internal long Lines { get; private set; }

    /// <summary>Records that come of it, as the writer says.</summary>
    internal long Records { get; set; }

    internal long Bytes { get; private set; }

    /// <summary>The time that the next line gets.</summary>
    internal DateTime Now => s_start.AddTicks(Lines * (TimeSpan.TicksPerMillisecond / 10));

    internal void Line(string text, bool partial = false)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{Now:yyyy-MM-ddTHH:mm:ss.fffffff}00Z stdout {(partial ? 'P' : 'F')} {text}\n");
        var bytes = Encoding.UTF8.GetBytes(line);
        _file.Write(bytes);
        Lines++;
        Bytes += bytes.Length;
    }

    internal void Flush() => _file.Flush();

    public void Dispose() => _file.Dispose();
}

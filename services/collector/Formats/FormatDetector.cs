using Tributary.Contracts;

namespace Tributary.Collector.Formats;

/// <summary>Tells a file's format from its first line.</summary>
internal static class FormatDetector
{
    public static LogFormat Detect(ReadOnlySpan<byte> line)
    {
        var times = new Rfc3339();
        var fragment = default(Fragment);
        if (CriLine.TryParse(line, times, ref fragment))
        {
            return LogFormat.Cri;
        }

        var docker = new DockerLine();
        return line.StartsWith("{"u8) && docker.TryParse(line, times, ref fragment) && fragment.TimeUnixNano != 0
            ? LogFormat.Docker
            : LogFormat.Raw;
    }
}

using System.Text;
using Tributary.Collector.Formats;
using Tributary.Contracts;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Formats;

public sealed class FormatDetectorTests
{
    [Theory]
    [InlineData("2026-11-21T10:00:00.5Z stdout F x", LogFormat.Cri)]
    [InlineData("2026-11-21T10:00:00.5+01:00 stderr P", LogFormat.Cri)]
    [InlineData("{\"log\":\"x\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-21T10:00:00.5Z\"}", LogFormat.Docker)]
    [InlineData("{\"time\":\"2026-11-21T10:00:00.5Z\",\"log\":\"x\"}", LogFormat.Docker)]
    [InlineData("{\"log\":\"an application's own JSON\",\"level\":\"info\"}", LogFormat.Raw)]
    [InlineData("{\"message\":\"x\",\"time\":\"2026-11-21T10:00:00.5Z\"}", LogFormat.Raw)]
    [InlineData("2026-11-21T10:00:00.5Z INFO hello", LogFormat.Raw)]
    [InlineData("", LogFormat.Raw)]
    [InlineData("plain", LogFormat.Raw)]
    public void The_first_line_tells_the_format(string line, LogFormat format) =>
        Assert.Equal(format, FormatDetector.Detect(Encoding.UTF8.GetBytes(line)));
}

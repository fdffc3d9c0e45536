using System.Text.Json;
using Tributary.Tests.Unit.Config;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Records.Parsing;

/// <summary>Each folder of cases/ is a case: the section <c>parse</c> in config.yaml, lines in input.log, what a file output writes in expected.ndjson.</summary>
public sealed class ParsingCaseTests
{
    private static readonly string CasesFolder = ProjectRoot.PathOf("tests", "unit", "Collector", "Records", "Parsing", "cases");

    public static TheoryData<string> Cases() => [.. Directory.GetDirectories(CasesFolder).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_case_gives_what_is_expected(string name)
    {
        var folder = Path.Combine(CasesFolder, name);
        var lines = Lines(File.ReadAllBytes(Path.Combine(folder, "input.log")));
        using var rig = new ParsingRig(File.ReadAllText(Path.Combine(folder, "config.yaml")));

        var actual = rig.Ndjson(lines);

        var expected = Path.Combine(folder, "expected.ndjson");
        if (ProjectRoot.IsAccepting)
        {
            File.WriteAllText(expected, actual);
        }

        Assert.Equal(File.ReadAllText(expected), actual);
        Assert.Equal(lines.Count, actual.Count(c => c == '\n'));
        Assert.All(actual.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false }));
    }

    [Fact]
    public void There_are_cases_of_every_format()
    {
        string[] formats = ["none", "json", "csv", "nginx", "apache2", "apache_error", "regexp", "logfmt", "syslog"];

        Assert.All(formats, format => Assert.Contains(Cases(), c => c.Data.StartsWith(format + "-", StringComparison.Ordinal)));
        Assert.True(Cases().Count >= 60, $"{Cases().Count} cases");
    }

    private static List<byte[]> Lines(byte[] content)
    {
        var lines = new List<byte[]>();
        foreach (var range in content.AsSpan().Split("\n"u8))
        {
            lines.Add(content[range]);
        }

        Assert.Empty(lines[^1]);
        lines.RemoveAt(lines.Count - 1);
        return lines;
    }
}

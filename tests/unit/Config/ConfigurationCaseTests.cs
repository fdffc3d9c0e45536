using Tributary.Config;
using Xunit;

namespace Tributary.Tests.Unit.Config;

/// <summary>Each folder of cases/ is a case: input*.yaml in, expected.txt out (errors as printed, or the effective model).</summary>
public sealed class ConfigurationCaseTests
{
    private static readonly string CasesFolder = ProjectRoot.PathOf("tests", "unit", "Config", "cases");

    private static readonly Dictionary<string, string> Variables = new()
    {
        ["TRIBUTARY_BUS"] = "amqp://app:s3cret@rabbit:5672/logs",
        ["BAD_BUS"] = "http://app:s3cret@rabbit/",
        ["EMPTY"] = "",
        ["SIZE"] = "2MiB",
        ["NESTED"] = "${SIZE}",
    };

    public static TheoryData<string> Cases() => [.. Directory.GetDirectories(CasesFolder).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_case_gives_what_is_expected(string name)
    {
        var folder = Path.Combine(CasesFolder, name);
        var inputs = Directory.GetFiles(folder, "input*.yaml").Order(StringComparer.Ordinal);
        var result = ConfigurationReader.Read(inputs, Variables.GetValueOrDefault);
        var actual = result.IsValid
            ? ConfigurationDump.Of(result.Documents)
            : string.Concat(result.Errors.Select(error => error + "\n")).Replace(folder + Path.DirectorySeparatorChar, "");

        var expected = Path.Combine(folder, "expected.txt");
        if (ProjectRoot.IsAccepting)
            File.WriteAllText(expected, actual);
        Assert.Equal(File.ReadAllText(expected), actual);
        Assert.DoesNotContain("s3cret", result.IsValid ? "" : string.Concat(result.Errors));
    }

    [Fact]
    public void There_are_enough_cases_of_both_kinds()
    {
        var good = Cases().Count(row => File.ReadAllText(Path.Combine(CasesFolder, row.Data, "expected.txt")).StartsWith("node ", StringComparison.Ordinal));

        Assert.True(good >= 12, $"{good} good cases");
        Assert.True(Cases().Count - good >= 30, $"{Cases().Count - good} bad cases");
    }
}

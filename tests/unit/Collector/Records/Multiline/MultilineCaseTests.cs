using System.Text;
using Tributary.Collector.Trial;
using Tributary.Config;
using Tributary.Contracts;
using Tributary.Contracts.Batches;
using Tributary.Tests.Unit.Config;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Records.Multiline;

/// <summary>
/// Each folder of cases/ is a case: <c>rule.yaml</c> and <c>input.log</c>, <c>.cri</c> or <c>.docker</c> in,
/// <c>expected.txt</c> out: a record begins with <c>&gt;</c>, its further lines with <c>|</c>.
/// </summary>
public sealed class MultilineCaseTests
{
    private static readonly string CasesFolder = ProjectRoot.PathOf("tests", "unit", "Collector", "Records", "Multiline", "cases");

    public static TheoryData<string> Cases() => [.. Directory.GetDirectories(CasesFolder).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_case_gives_the_records_that_are_expected(string name)
    {
        var folder = Path.Combine(CasesFolder, name);
        var input = Assert.Single(Directory.GetFiles(folder, "input.*"));
        var format = Path.GetExtension(input) switch { ".cri" => LogFormat.Cri, ".docker" => LogFormat.Docker, _ => LogFormat.Raw };
        using var trial = new RuleTrial(Config(File.ReadAllText(Path.Combine(folder, "rule.yaml"))), TimeProvider.System);

        var records = trial.Run(input, format).Requests.SelectMany(Read).OrderBy(r => r.Offset).ToList();

        var actual = string.Concat(records.Select(r => r.Shown));
        var expected = Path.Combine(folder, "expected.txt");
        if (ProjectRoot.IsAccepting)
        {
            File.WriteAllText(expected, actual);
        }

        Assert.Equal(File.ReadAllText(expected), actual);
        if (format == LogFormat.Raw)
        {
            // Nothing lost, nothing invented: the records' texts are the file's lines.
            Assert.Equal(Encoding.Latin1.GetString(File.ReadAllBytes(input)).TrimEnd('\n'), string.Join('\n', records.Select(r => r.Text)).TrimEnd('\n'));
        }
    }

    [Fact]
    public void There_are_cases_of_every_preset_and_pattern() =>
        Assert.All(["java", "python", "go", "dotnet", "ruby", "node", "auto", "pattern", "bound"], kind =>
            Assert.True(Cases().Count(row => row.Data.StartsWith(kind, StringComparison.Ordinal)) >= 3, kind));

    internal static LogConfig Config(string rule)
    {
        var result = ConfigurationReader.ReadText("rule", $"apiVersion: tributary.io/v1alpha1\nkind: LogConfig\nmetadata: {{name: a}}\nspec:\n  sources: [{{stdout: {{}}}}]\n  multiline: {rule}\n");
        return Assert.Single(result.IsValid ? result.Documents.LogConfigs : throw new InvalidDataException(string.Join('\n', result.Errors)));
    }

    private static List<(long Offset, string Text, string Shown)> Read(byte[] request)
    {
        var records = new List<(long, string, string)>();
        var reader = new OtlpLogReader(request);
        while (reader.Next(out var record))
        {
            var (offset, marks) = (0L, "");
            var attributes = record.Attributes;
            while (attributes.Next(out var key, out var value))
            {
                var name = Encoding.UTF8.GetString(key);
                if (name == OtlpAttributes.RecordOffset)
                {
                    offset = value.Number;
                }
                else
                {
                    marks += $"  [{name}{(value.Kind == OtlpValueKind.String ? " = " + Encoding.UTF8.GetString(value.Bytes) : "")}]\n";
                }
            }

            var stream = "";
            var resource = OtlpAttributeReader.OfResource(reader.Resource);
            while (resource.Next(out var key, out var value))
            {
                stream = Encoding.UTF8.GetString(key) == OtlpAttributes.IoStream ? Encoding.UTF8.GetString(value.Bytes) + " " : stream;
            }

            var text = Encoding.Latin1.GetString(OtlpValue.Parse(record.Body).Bytes);
            var shown = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(text)).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\0", "\\0", StringComparison.Ordinal);
            records.Add((offset, text, $"{stream}> {shown.Replace("\n", "\n| ", StringComparison.Ordinal)}\n{marks}"));
        }

        return records;
    }
}

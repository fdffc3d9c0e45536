using Tributary.Config;
using Xunit;

namespace Tributary.Tests.Unit.Config;

public sealed class SchemaReferenceTests
{
    private static readonly string Page = ProjectRoot.PathOf("docs", "configuration.md");

    [Fact]
    public void The_committed_reference_is_what_the_schema_says()
    {
        if (ProjectRoot.IsAccepting)
            File.WriteAllText(Page, SchemaReference.Render());

        Assert.Equal(SchemaReference.Render(), File.ReadAllText(Page));
    }

    [Fact]
    public void The_example_in_the_reference_is_valid()
    {
        var page = SchemaReference.Render();
        var start = page.IndexOf("```yaml\n", StringComparison.Ordinal) + "```yaml\n".Length;
        var example = page[start..page.IndexOf("```", start, StringComparison.Ordinal)];

        var result = ConfigurationReader.ReadText("example.yaml", example, _ => null);

        Assert.Empty(result.Errors);
        Assert.Equal("catalina", Assert.Single(result.Documents!.LogConfigs).Target);
    }

    [Fact]
    public void Every_field_has_a_type_and_a_meaning()
    {
        var rows = SchemaReference.Render().Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).ToList();

        Assert.True(rows.Count > 40);
        Assert.All(rows, row =>
        {
            var cells = row.Split(" | ");
            Assert.Equal(5, cells.Length);
            Assert.NotEqual("", cells[1].Trim());
            Assert.NotEqual("", cells[4].Trim(' ', '|'));
        });
    }
}

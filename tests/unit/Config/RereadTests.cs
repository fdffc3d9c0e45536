using Tributary.Config;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Config;

public sealed class RereadTests
{
    private const string Head = "apiVersion: tributary.io/v1alpha1\n";

    [Fact]
    public void A_document_with_an_error_stays_as_it_was_and_the_others_change()
    {
        var before = Read(Config("a", "t1"), Config("b", "t1"));

        var after = Reread(before, Config("a", "t 2"), Config("b", "t2"), Config("c", "t2"));

        Assert.Equal(["a:t1", "b:t2", "c:t2"], Targets(after));
        Assert.Equal(["default/a"], after.Kept);
        Assert.Contains("spec.target", Assert.Single(after.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_written_any_more_goes_unless_a_document_cannot_be_told()
    {
        var before = Read(Config("a", "t1"), Config("b", "t1"));

        Assert.Equal(["b:t1"], Targets(Reread(before, Config("b", "t1"))));
        Assert.Equal(["a:t1", "b:t2"], Targets(Reread(before, "kind: [\n", Config("b", "t2"))));
        Assert.Equal(["a:t1", "b:t2"], Targets(Reread(before, Config("a", "t2").Replace("LogConfig", "LogConfg", StringComparison.Ordinal), Config("b", "t2"))));
        Assert.Equal(["a:t1", "b:t2"], Targets(Reread(before, Config("a", "t2").Replace("name: a", "nam: a", StringComparison.Ordinal), Config("b", "t2"))));
    }

    [Fact]
    public void A_name_that_comes_twice_and_an_output_that_is_not_there_refuse_the_document_they_stand_in()
    {
        var before = Read(Config("a", "t1"), Config("b", "t1"));

        var twice = Reread(before, Config("a", "t2"), Config("b", "t2"), Config("a", "t3"));
        Assert.Equal(["a:t1", "b:t2"], Targets(twice));

        var missing = Reread(before, Config("a", "t2") + "  outputs: [nowhere]\n", Config("b", "t2"));
        Assert.Equal(["a:t1", "b:t2"], Targets(missing));
        Assert.Equal(["default/a"], missing.Kept);
    }

    [Fact]
    public void A_wrong_node_and_a_wrong_output_stay_as_they_were()
    {
        var node = Head + "kind: Node\nspec: {collect: declared}\n";
        var output = Head + "kind: LogOutput\nmetadata: {name: other}\nspec: {type: console}\n";
        var before = Read(node, output, Config("a", "t1"));

        var after = Reread(before, node.Replace("declared", "all of it", StringComparison.Ordinal), output.Replace("console", "consol", StringComparison.Ordinal), Config("a", "t2"));

        Assert.Equal(CollectScope.Declared, after.Documents.Node.Collect);
        Assert.Contains(after.Documents.Outputs, o => o is { Name: "other", Type: LogOutputType.Console });
        Assert.Equal(["a:t2"], Targets(after));
        Assert.Contains(after.Errors, e => e.Path == "spec.collect");
        Assert.Contains(after.Errors, e => e.Path == "spec.type");
    }

    [Fact]
    public void A_file_that_is_gone_changes_nothing()
    {
        var before = Read(Config("a", "t1"));

        var after = ConfigurationReader.Reread(["/nowhere/tributary.yaml"], before, _ => null);

        Assert.Equal(["a:t1"], Targets(after));
        Assert.Single(after.Errors);
    }

    private static string Config(string name, string target) =>
        Head + $"kind: LogConfig\nmetadata: {{name: {name}}}\nspec:\n  sources: [{{stdout: {{}}}}]\n  target: {target}\n";

    private static TributaryConfiguration Read(params string[] documents) =>
        ConfigurationReader.ReadText("tributary.yaml", string.Join("---\n", documents), _ => null).Documents!;

    private static RereadResult Reread(TributaryConfiguration before, params string[] documents)
    {
        using var folder = new TempFolder("reread");
        var file = folder.Combine("tributary.yaml");
        File.WriteAllText(file, string.Join("---\n", documents));
        return ConfigurationReader.Reread([file], before, _ => null);
    }

    private static IEnumerable<string> Targets(RereadResult result) =>
        result.Documents.LogConfigs.Select(c => $"{c.Name}:{c.Target}").Order(StringComparer.Ordinal);
}

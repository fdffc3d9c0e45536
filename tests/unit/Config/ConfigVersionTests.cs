using Tributary.Config;
using Xunit;

namespace Tributary.Tests.Unit.Config;

public sealed class ConfigVersionTests
{
    private const string Plain = "{selector: {container: web.*, containerLabels: {a: x, b: y}}, sources: [{stdout: {streams: [stdout]}}], target: web}";

    [Theory]
    [InlineData("{target: web, sources: [{stdout: {streams: [stdout]}}], selector: {containerLabels: {b: y, a: x}, container: web.*}}")]
    [InlineData("{selector: {container: \"web.*\", containerLabels: {a: \"x\", b: 'y'}}, sources: [{stdout: {streams: [stdout]}}], outputs: [default]} # the default, said")]
    [InlineData("{selector: {container: \"${PATTERN:-web.*}\", namespace: , containerLabels: {a: x, b: y}}, sources: [{stdout: {streams: [stdout]}}]}")]
    public void The_same_spec_written_in_another_way_has_the_same_version(string other) => Assert.Equal(VersionOf(Plain), VersionOf(other));

    [Theory]
    [InlineData("{selector: {container: web., containerLabels: {a: x, b: y}}, sources: [{stdout: {streams: [stdout]}}], target: web}")]
    [InlineData("{selector: {container: web.*, containerLabels: {a: x, b: z}}, sources: [{stdout: {streams: [stdout]}}], target: web}")]
    [InlineData("{selector: {container: web.*, containerLabels: {a: x}}, sources: [{stdout: {streams: [stdout]}}], target: web}")]
    [InlineData("{selector: {container: web.*, containerLabels: {a: x, b: y}, namespace: n}, sources: [{stdout: {streams: [stdout]}}], target: web}")]
    [InlineData("{selector: {container: web.*, containerLabels: {a: x, b: y}}, sources: [{stdout: {streams: [stderr]}}], target: web}")]
    [InlineData("{selector: {container: web.*, containerLabels: {a: x, b: y}}, sources: [{stdout: {}}], target: web}")]
    [InlineData("{selector: {container: web.*, containerLabels: {a: x, b: y}}, sources: [{stdout: {streams: [stdout]}}], target: web2}")]
    [InlineData("{selector: {container: web.*, containerLabels: {a: x, b: y}}, sources: [{stdout: {streams: [stdout]}}], outputs: [other]}")]
    public void Each_change_of_the_spec_changes_the_version(string other) => Assert.NotEqual(VersionOf(Plain), VersionOf(other));

    [Fact]
    public void Labels_cannot_be_confused_with_each_other() =>
        Assert.NotEqual(
            VersionOf("{selector: {containerLabels: {a: \"1\\nspec.selector.containerLabels=5:1:b=2\"}}, sources: [{stdout: {}}]}"),
            VersionOf("{selector: {containerLabels: {a: \"1\", b: \"2\"}}, sources: [{stdout: {}}]}"));

    [Fact]
    public void The_version_is_twelve_hex_digits_that_stay_from_build_to_build() => Assert.Equal("9c5a14a16cf5", VersionOf(Plain));

    private static string VersionOf(string spec)
    {
        var result = ConfigurationReader.ReadText(
            "t",
            $"""
            apiVersion: tributary.io/v1alpha1
            kind: LogConfig
            metadata: {"{name: web}"}
            spec: {spec}
            ---
            apiVersion: tributary.io/v1alpha1
            kind: LogOutput
            metadata: {"{name: other}"}
            spec: {"{type: console}"}
            """,
            _ => null);
        Assert.Empty(result.Errors);
        return Assert.Single(result.Documents!.LogConfigs).Version;
    }
}

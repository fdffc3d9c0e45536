using Tributary.Config;
using Xunit;

namespace Tributary.Tests.Unit.Config;

public sealed class ContainerSelectorTests
{
    [Theory]
    [InlineData("web-1", true)]
    [InlineData("web", false)]
    [InlineData("eb-1", false)]
    [InlineData("'a|web-1'", true)]
    [InlineData("'web|x'", false)]
    [InlineData("WEB-1", false)]
    public void A_pattern_matches_a_whole_name(string pattern, bool expected) =>
        Assert.Equal(expected, Parse($"{{container: {pattern}}}").Container!.IsMatch("web-1"));

    [Fact]
    public void A_pattern_takes_linear_time_and_a_line_feed_is_no_end() =>
        Assert.DoesNotMatch(Parse("{container: '(a+)+'}").Container!, new string('a', 50_000) + "\n");

    private static ContainerSelector Parse(string selector) =>
        ConfigurationReader.ReadText(
            "t",
            "apiVersion: tributary.io/v1alpha1\nkind: LogConfig\nmetadata: {name: a}\nspec: {selector: " + selector + ", sources: [{stdout: {}}]}\n",
            _ => null).Documents!.LogConfigs[0].Selector;
}

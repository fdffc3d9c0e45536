using Tributary.Config;
using Xunit;

namespace Tributary.Tests.Unit.Config;

public sealed class ContainerSelectorTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "web", ["tier"] = "" };

    [Theory]
    [InlineData("{}", true)]
    [InlineData("{container: web-1}", true)]
    [InlineData("{container: web}", false)]
    [InlineData("{container: eb-1}", false)]
    [InlineData("{container: 'a|web-1'}", true)]
    [InlineData("{container: 'web|x'}", false)]
    [InlineData("{container: WEB-1}", false)]
    [InlineData("{containerLabels: {app: web}}", true)]
    [InlineData("{containerLabels: {app: db}}", false)]
    [InlineData("{containerLabels: {app: , tier: }}", true)]
    [InlineData("{containerLabels: {app: web, other: }}", false)]
    [InlineData("{namespace: shop}", true)]
    [InlineData("{namespace: bank}", false)]
    [InlineData("{container: web-.*, containerLabels: {app: db}, namespace: shop}", false)]
    public void A_container_is_chosen_when_it_meets_everything(string selector, bool expected) =>
        Assert.Equal(expected, Parse(selector).Matches("web-1", "shop", Labels));

    [Fact]
    public void A_pattern_takes_linear_time_and_a_line_feed_is_no_end() =>
        Assert.False(Parse("{container: '(a+)+'}").Matches(new string('a', 50_000) + "\n", "", Labels));

    private static ContainerSelector Parse(string selector) =>
        ConfigurationReader.ReadText(
            "t",
            "apiVersion: tributary.io/v1alpha1\nkind: LogConfig\nmetadata: {name: a}\nspec: {selector: " + selector + ", sources: [{stdout: {}}]}\n",
            _ => null).Documents!.LogConfigs[0].Selector;
}

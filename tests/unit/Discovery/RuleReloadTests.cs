using Microsoft.Extensions.DependencyInjection;
using Tributary.Contracts;
using Tributary.Discovery;
using Tributary.Discovery.Declarations;
using Tributary.Tests.Unit.Docker;
using Xunit;

namespace Tributary.Tests.Unit.Discovery;

public sealed class RuleReloadTests
{
    [Fact]
    public async Task New_rules_publish_the_containers_that_they_change_and_no_others()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Containers["a"] = InspectJson.Of("a", name: "shop-1");
        engine.Containers["b"] = InspectJson.Of("b", name: "bank-1");
        await using var host = await DiscoveryHost.StartAsync(o =>
        {
            o.Docker = engine.Options;
            o.Rules = [Rule("shop", "v1"), Rule("bank", "v1")];
        });
        await host.UntilAsync(() => host.All<ContainerStarted>().Count == 2, "both");
        var view = host.Services.GetRequiredService<NodeView>();

        view.TakeRules([Rule("shop", "v2"), Rule("bank", "v1")]);

        await host.UntilAsync(() => host.All<ContainerStarted>().Count == 3, "the change");
        var changed = host.All<ContainerStarted>()[2];
        Assert.Equal(("a", "v2"), (changed.ContainerId, changed.Container.Sources.Single().ConfigVersion));
        Assert.True(changed.Generation > host.All<ContainerStarted>().Single(s => s.ContainerId == "a" && s != changed).Generation);

        view.TakeRules([Rule("shop", "v2")]);
        await host.UntilAsync(() => host.All<ContainerStarted>().Count == 4, "the other");
        Assert.Null(host.All<ContainerStarted>()[3].Container.Sources.Single().Config);
    }

    private static ConfigRule Rule(string name, string version) =>
        new() { Name = name, Version = version, ContainerName = name + "-.*", Target = name };
}

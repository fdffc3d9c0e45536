using Tributary.Config;
using Tributary.Discovery;
using Tributary.Standalone.Up;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Standalone;

public sealed class LookingPlanTests : IDisposable
{
    private readonly TempFolder _folder = new("plan");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_takes_the_place_of_sources_that_are_all_off()
    {
        var plan = await DecideAsync(SourceUse.Off, SourceUse.Off);

        Assert.True(plan.IsEmpty);
        Assert.Empty(plan.Lines);
    }

    [Fact]
    public async Task Files_are_collected_although_both_sources_are_off()
    {
        var plan = await DecideAsync(SourceUse.Off, SourceUse.Off, "/srv/*.log");

        Assert.False(plan.IsEmpty);
        Assert.Equal(["/srv/*.log"], plan.Files.Include);
    }

    [Theory]
    [InlineData(SourceUse.Auto, SourceUse.Auto)]
    [InlineData(SourceUse.Off, SourceUse.Auto)]
    [InlineData(SourceUse.Auto, SourceUse.Off)]
    public async Task The_hosts_logs_take_the_place_of_sources_that_are_not_found(SourceUse docker, SourceUse pods)
    {
        var plan = await DecideAsync(docker, pods);

        Assert.Empty(plan.Sources);
        Assert.Equal(["/var/log/*.log"], plan.Files.Include);
        Assert.Contains(plan.Lines, line => line.StartsWith("docker: There is no Docker socket", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SourceUse.On, SourceUse.Auto, "docker")]
    [InlineData(SourceUse.On, SourceUse.On, "docker pods")]
    [InlineData(SourceUse.Auto, SourceUse.Auto, "pods")]
    [InlineData(SourceUse.Off, SourceUse.Auto, "pods")]
    public async Task Pods_are_looked_at_where_docker_is_neither_on_nor_found_or_they_are_on(SourceUse docker, SourceUse pods, string sources)
    {
        Directory.CreateDirectory(PodsRoot);

        var plan = await DecideAsync(docker, pods);

        Assert.Equal(sources, string.Join(' ', plan.Sources));
        Assert.Empty(plan.Files.Include);
    }

    private string PodsRoot => _folder.Combine("pods");

    private Task<LookingPlan> DecideAsync(SourceUse docker, SourceUse pods, params string[] files)
    {
        var discovery = new DiscoveryOptions { PodsRoot = PodsRoot };
        discovery.Docker.Endpoint = new Uri("unix://" + _folder.Combine("none.sock"));
        var node = new NodeSettings
        {
            Docker = new DockerSettings { Enabled = docker },
            Pods = new PodsSettings { Enabled = pods },
            Files = new FilesSettings { Include = files },
        };
        return LookingPlan.DecideAsync(new TributaryConfiguration { Node = node }, discovery, TimeProvider.System, CancellationToken.None);
    }
}

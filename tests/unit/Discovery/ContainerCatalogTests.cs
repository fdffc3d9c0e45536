using Tributary.Contracts;
using Tributary.Discovery.Catalog;
using Xunit;

namespace Tributary.Tests.Unit.Discovery;

public sealed class ContainerCatalogTests
{
    private readonly ContainerCatalog _catalog;
    private long _generation = 100;

    public ContainerCatalogTests() => _catalog = new ContainerCatalog(["docker", "pods"], () => ++_generation);

    [Fact]
    public void Each_container_of_the_first_view_is_new()
    {
        var changes = _catalog.ApplyView("docker", [Sample.Info("a"), Sample.Info("b", ContainerState.Stopped)]);

        Assert.Equal([("a", ContainerState.Running, 101L), ("b", ContainerState.Stopped, 102L)], Told(changes));
    }

    [Fact]
    public void The_same_view_again_changes_nothing_and_uses_no_generation()
    {
        _catalog.ApplyView("docker", [Sample.Info("a")]);

        Assert.Empty(_catalog.ApplyView("docker", [Sample.Info("a")]));
        Assert.Empty(_catalog.ApplyOne("docker", Sample.Info("a")));
        Assert.Equal(101, _generation);
    }

    [Fact]
    public void A_change_of_content_is_told_with_a_greater_generation()
    {
        _catalog.ApplyView("docker", [Sample.Info("a")]);

        Assert.Equal([("a", ContainerState.Running, 102L)], Told(_catalog.ApplyOne("docker", Sample.Info("a", target: "other"))));
        Assert.Equal([("a", ContainerState.Stopped, 103L)], Told(_catalog.ApplyOne("docker", Sample.Info("a", ContainerState.Stopped, "other"))));
        Assert.Equal(103, Assert.Single(_catalog.Containers).Generation);
    }

    [Fact]
    public void What_a_view_no_longer_has_is_removed_once()
    {
        _catalog.ApplyView("docker", [Sample.Info("a"), Sample.Info("b")]);

        Assert.Equal([("a", ContainerState.Removed, 103L)], Told(_catalog.ApplyView("docker", [Sample.Info("b")])));
        Assert.Empty(_catalog.ApplyGone("docker", "a"));
        Assert.Equal("b", Assert.Single(_catalog.Containers).Id);
    }

    [Fact]
    public void A_container_that_two_sources_see_is_one_as_the_better_source_tells_it()
    {
        _catalog.ApplyView("pods", [Sample.Info("a", target: "from-pods")]);
        Assert.Single(_catalog.ApplyView("docker", [Sample.Info("a", target: "from-docker")]));
        Assert.Empty(_catalog.ApplyView("pods", [Sample.Info("a", target: "from-pods-too")]));

        Assert.Equal("from-docker", Assert.Single(_catalog.Containers).Sources[0].Target);
    }

    [Fact]
    public void It_is_gone_only_when_no_source_sees_it()
    {
        _catalog.ApplyView("pods", [Sample.Info("a", target: "from-pods")]);
        _catalog.ApplyView("docker", [Sample.Info("a", target: "from-docker")]);

        var left = Assert.Single(_catalog.ApplyView("docker", []));
        Assert.Equal(("from-pods", ContainerState.Running), (left.Container.Sources[0].Target, left.Container.State));
        Assert.Equal(ContainerState.Removed, Assert.Single(_catalog.ApplyView("pods", [])).Container.State);
    }

    [Fact]
    public void Each_part_of_the_content_counts()
    {
        var source = new LogSource { Name = "s", Path = "/p", Format = LogFormat.Cri, Target = "t", Streams = ["stdout"], Tags = new Dictionary<string, string> { ["k"] = "v" } };
        var info = Sample.Info("a") with { Sources = [source] };
        ContainerInfo[] others =
        [
            info with { RestartCount = 1 },
            info with { StartedAt = DateTimeOffset.UnixEpoch },
            info with { Attributes = new Dictionary<string, string> { ["container.id"] = "b" } },
            info with { Sources = [] },
            info with { Sources = [source with { Path = "/q" }] },
            info with { Sources = [source with { Streams = ["stderr"] }] },
            info with { Sources = [source with { Tags = new Dictionary<string, string> { ["k"] = "w" } }] },
            info with { Sources = [source with { Reason = "r" }] },
            info with { Sources = [source with { ConfigVersion = "2" }] },
        ];

        Assert.All(others, other => Assert.False(ContainerContent.Same(info, other)));
        Assert.True(ContainerContent.Same(info, info with
        {
            Generation = 9,
            Attributes = new Dictionary<string, string>(info.Attributes),
            Sources = [source with { Streams = ["stdout"], Tags = new Dictionary<string, string> { ["k"] = "v" } }],
        }));
    }

    private static IEnumerable<(string, ContainerState, long)> Told(IEnumerable<ContainerChange> changes) =>
        changes.Select(c => (c.Container.Id, c.Container.State, c.Container.Generation));
}

using System.Text.Json;
using Tributary.Contracts;
using Tributary.Discovery.Containers;
using Tributary.Discovery.Docker;
using Tributary.Docker;
using Tributary.Tests.Unit.Docker;
using Xunit;

namespace Tributary.Tests.Unit.Discovery;

public sealed class DockerFactsTests
{
    [Fact]
    public void A_container_carries_its_attributes_and_log()
    {
        var facts = From(InspectJson.Of("abc", restarts: 2));

        Assert.Equal(("abc", "web", "docker", ContainerState.Running, 2), (facts.Id, facts.Name, facts.Runtime, facts.State, facts.RestartCount));
        Assert.Equal(("/var/lib/docker/containers/abc/abc-json.log", LogFormat.Docker), (facts.LogPath, facts.LogFormat));
        Assert.Equal(
            new SortedDictionary<string, string>
            {
                ["host.name"] = "node-1",
                ["container.id"] = "abc",
                ["container.name"] = "web",
                ["container.runtime"] = "docker",
                ["container.image.name"] = "registry:5000/team/app",
                ["container.image.tags"] = "1.2",
            },
            new SortedDictionary<string, string>(facts.Attributes.ToDictionary()));
    }

    [Fact]
    public void A_kubelets_container_is_known_by_its_pod()
    {
        var facts = From(InspectJson.Of("abc", name: "k8s_app_web-0_shop_u1_3", labels: new()
        {
            ["io.kubernetes.pod.namespace"] = "shop",
            ["io.kubernetes.pod.name"] = "web-0",
            ["io.kubernetes.pod.uid"] = "u1",
            ["io.kubernetes.container.name"] = "app",
            ["annotation.io.kubernetes.container.restartCount"] = "3",
        }));

        Assert.Equal(("u1/app/3", "app", "shop", "shop", 3), (facts.Id, facts.OwnName, facts.Namespace, facts.Tenant, facts.RestartCount));
        Assert.Equal(("shop", "web-0", "u1", "app", "abc"), (
            facts.Attributes["k8s.namespace.name"], facts.Attributes["k8s.pod.name"], facts.Attributes["k8s.pod.uid"],
            facts.Attributes["k8s.container.name"], facts.Attributes["container.id"]));
    }

    [Fact]
    public void A_compose_project_is_whose_quota_is_used() =>
        Assert.Equal("shop", From(InspectJson.Of("a", labels: new() { ["com.docker.compose.project"] = "shop" })).Tenant);

    [Theory]
    [InlineData("created", ContainerState.Running)]
    [InlineData("running", ContainerState.Running)]
    [InlineData("paused", ContainerState.Running)]
    [InlineData("restarting", ContainerState.Running)]
    [InlineData("removing", ContainerState.Stopped)]
    [InlineData("exited", ContainerState.Stopped)]
    [InlineData("dead", ContainerState.Stopped)]
    public void A_log_may_grow_until_the_container_ended(string status, ContainerState expected)
    {
        var facts = From(InspectJson.Of("a", status: status, finished: "2026-11-21T10:05:00Z"));

        Assert.Equal(expected, facts.State);
        Assert.Equal(expected == ContainerState.Stopped, facts.FinishedAt is not null);
    }

    [Theory]
    [InlineData("local")]
    [InlineData("journald")]
    [InlineData("none")]
    [InlineData("syslog")]
    public void Another_log_driver_is_told_with_container_driver_and_what_to_do(string driver)
    {
        var facts = From(InspectJson.Of("a", driver: driver, logPath: driver == "local" ? "/var/lib/docker/containers/a/local-logs/container.log" : ""));

        Assert.Equal("", facts.LogPath);
        Assert.Contains("web", facts.LogProblem, StringComparison.Ordinal);
        Assert.Contains($"'{driver}'", facts.LogProblem, StringComparison.Ordinal);
        Assert.Contains("--log-driver json-file", facts.LogProblem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_started_container_without_a_log_file_is_told()
    {
        var facts = From(InspectJson.Of("a", logPath: ""));

        Assert.True(facts.HasLog);
        Assert.Contains("names no log file for container web", facts.LogProblem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_that_was_only_created_has_no_log_yet() =>
        Assert.False(From(InspectJson.Of("a", status: "created", logPath: "", started: "0001-01-01T00:00:00Z")).HasLog);

    [Theory]
    [InlineData("app", "app", "")]
    [InlineData("app:1", "app", "1")]
    [InlineData("host:5000/app", "host:5000/app", "")]
    [InlineData("host:5000/a/b:1.2-rc", "host:5000/a/b", "1.2-rc")]
    [InlineData("app:1@sha256:00ff", "app", "1")]
    [InlineData("app@sha256:00ff", "app", "")]
    [InlineData("sha256:00ff", "sha256:00ff", "")]
    [InlineData("", "", "")]
    public void An_image_is_split_into_name_and_tag(string image, string name, string tag) =>
        Assert.Equal(new ImageReference(name, tag), ImageReference.Parse(image));

    private static ContainerFacts From(string json) =>
        DockerFacts.From(JsonSerializer.Deserialize<ContainerInspectResponse>(json)!, "node-1");
}

using Tributary.Discovery;
using Tributary.Docker;
using Tributary.Testing;
using Tributary.Tests.Unit.Docker;
using Xunit;

namespace Tributary.Tests.Unit.Discovery;

public sealed class SourceProbeTests : IDisposable
{
    private readonly TempFolder _folder = new("probe");

    [Fact]
    public async Task A_docker_engine_that_answers_comes_first()
    {
        await using var engine = await FakeEngine.StartAsync();

        var choice = await DetectAsync(new DiscoveryOptions { Docker = engine.Options, PodsRoot = _folder });

        Assert.Equal("docker", choice.Source);
    }

    [Fact]
    public async Task Without_docker_the_pod_logs_are_used_and_the_reason_is_told()
    {
        var choice = await DetectAsync(new DiscoveryOptions { Docker = NoDocker(), PodsRoot = _folder });

        Assert.Equal("pods", choice.Source);
        Assert.Equal(("docker", true), (choice.PassedOver[0].Source, choice.PassedOver[0].Reason.Contains("There is no Docker socket", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_either_there_is_none_and_each_has_its_reason()
    {
        var choice = await DetectAsync(new DiscoveryOptions { Docker = NoDocker(), PodsRoot = _folder.Combine("none") });

        Assert.Equal("none", choice.Source);
        Assert.Equal(["docker", "pods"], choice.PassedOver.Select(p => p.Source));
        Assert.Equal($"There is no folder {_folder.Combine("none")}.", choice.PassedOver[1].Reason);
    }

    public void Dispose() => _folder.Dispose();

    private static Task<SourceChoice> DetectAsync(DiscoveryOptions options) =>
        SourceProbe.DetectAsync(options, TimeProvider.System, CancellationToken.None);

    private DockerClientOptions NoDocker() => new() { Endpoint = new Uri("unix://" + _folder.Combine("d.sock")) };
}

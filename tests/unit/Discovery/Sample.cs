using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Contracts;
using Tributary.Discovery;
using Tributary.Discovery.Containers;
using Tributary.Discovery.Declarations;

namespace Tributary.Tests.Unit.Discovery;

/// <summary>Containers and resolvers that tests vary.</summary>
internal static class Sample
{
    public static ContainerInfo Info(string id, ContainerState state = ContainerState.Running, string target = "default") => new()
    {
        Id = id,
        Name = "name-" + id,
        Runtime = "docker",
        State = state,
        Generation = 0,
        Attributes = new Dictionary<string, string> { ["container.id"] = id },
        Sources = [new LogSource { Name = "stdout", Path = "/logs/" + id, Format = LogFormat.Docker, Target = target }],
    };

    public static ContainerFacts Facts(
        string id = "c1", Dictionary<string, string>? labels = null, string[]? env = null, string ownName = "web",
        string ns = "", string tenant = "", string? problem = null, bool hasLog = true) =>
        new()
        {
            Id = id,
            Name = ownName,
            OwnName = ownName,
            Runtime = "docker",
            Namespace = ns,
            Tenant = tenant,
            State = ContainerState.Running,
            Attributes = new Dictionary<string, string>(),
            HasLog = hasLog,
            LogPath = problem is null ? "/logs/" + id : "",
            LogFormat = LogFormat.Docker,
            LogProblem = problem,
            Labels = labels ?? [],
            Env = env ?? [],
        };

    public static TargetQuota Quota(int max = 100, DiscoveryMetrics? metrics = null) =>
        new(max, metrics ?? new DiscoveryMetrics(), NullLogger<TargetQuota>.Instance);

    public static SourceResolver Resolver(CollectMode collect = CollectMode.All, ConfigRule[]? rules = null, TargetQuota? quota = null) =>
        new(collect, ["tributary", "aliyun"], new RuleSet(rules ?? [], NullLogger<RuleSet>.Instance), quota ?? Quota());
}

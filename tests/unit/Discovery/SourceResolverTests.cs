using Tributary.Contracts;
using Tributary.Discovery;
using Tributary.Discovery.Declarations;
using Xunit;

namespace Tributary.Tests.Unit.Discovery;

public sealed class SourceResolverTests
{
    /// <summary>Labels and env (in <c>[]</c>), and the sources they make: <c>name>target</c>, with <c>!</c> one that has a reason.</summary>
    [Theory]
    [InlineData("", "stdout>default")]
    [InlineData("app=web", "stdout>default")]
    [InlineData("tributary.logs=false", "")]
    [InlineData("tributary.io/logs=False", "")]
    [InlineData("aliyun.logs=false", "")]
    [InlineData("tributary.logs=true", "stdout>default")]
    [InlineData("tributary.logs=false;tributary.logs.web=stdout", "web>web")]
    [InlineData("tributary.logs.web=stdout", "web>web")]
    [InlineData("aliyun.logs.web=stdout", "web>web")]
    [InlineData("other.logs.web=stdout", "stdout>default")]
    [InlineData("tributary.logs.web=stdout;tributary.logs.web.target=shop", "web>shop")]
    [InlineData("[tributary_logs_web=stdout]", "web>web")]
    [InlineData("[aliyun_logs_my_web=stdout];[aliyun_logs_my_web_target=shop]", "my_web>shop")]
    [InlineData("tributary.logs.web=stdout;tributary.logs.web.target=a;[tributary_logs_web_target=b]", "web>b")]
    [InlineData("tributary.logs.a=stdout;[aliyun_logs_b=stdout]", "a>a b>b")]
    [InlineData("tributary.logs.a=stdout;aliyun.logs.a=stdout;aliyun.logs.a.target=x", "a>a")]
    [InlineData("tributary.logs.web=/var/log/web.log", "!web stdout>default")]
    [InlineData("tributary.logs.file=/var/log/web.log;tributary.logs.web=stdout", "!file web>web")]
    [InlineData("tributary.logs.web=stderr", "!web stdout>default")]
    [InlineData("tributary.logs.web=", "!web stdout>default")]
    [InlineData("tributary.logs.web.target=shop", "!web stdout>default")]
    [InlineData("tributary.logs.web.tags=a=b", "!web stdout>default")]
    [InlineData("tributary.logs.web=stdout;tributary.logs.web.format=json", "!web web>web")]
    [InlineData("tributary.logs.web=stdout;tributary.logs.web.target=no good", "!web stdout>default")]
    [InlineData("tributary.logs.=stdout", "!(unnamed) stdout>default")]
    [InlineData("tributary.logs.-x=stdout", "!-x stdout>default")]
    [InlineData("tributary.logs.-x=stdout;tributary.logs.-x.target=x", "-x>x")]
    [InlineData("tributary.logs.a=stdout;tributary.logs.b=stdout;tributary.logs.b.target=a", "a>a !b")]
    public void What_is_declared_is_collected_and_what_is_wrong_harms_only_itself(string declared, string expected)
    {
        var (labels, env) = Parse(declared);

        var sources = Sample.Resolver().Resolve(Sample.Facts(labels: labels, env: env));

        Assert.Equal(expected, string.Join(' ', sources.Select(s => s.Reason is null ? $"{s.Name}>{s.Target}" : "!" + s.Name)));
        Assert.All(sources, s => Assert.Equal(s.Reason is null ? "/logs/c1" : "", s.Path));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("tributary.logs.web=stdout", "web")]
    public void In_declared_mode_only_what_is_declared_is_collected(string declared, string expected) =>
        Assert.Equal(expected, string.Join(' ', Sample.Resolver(CollectMode.Declared).Resolve(Sample.Facts(labels: Parse(declared).Labels)).Select(s => s.Name)));

    [Fact]
    public void A_declared_path_says_that_files_are_not_collected_yet()
    {
        var labels = Parse("tributary.logs.web=/var/log/web.log").Labels;

        var reason = Sample.Resolver(CollectMode.Declared).Resolve(Sample.Facts(labels: labels)).Single().Reason;

        Assert.Contains("files inside containers are not collected by this version", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Tags_become_the_sources_tags()
    {
        var labels = Parse("tributary.logs.web=stdout;tributary.logs.web.tags=team=shop, tier = gold,empty=").Labels;

        var source = Assert.Single(Sample.Resolver().Resolve(Sample.Facts(labels: labels)));

        Assert.Equal([new("empty", ""), new("team", "shop"), new("tier", "gold")], source.Tags);
    }

    [Theory]
    [InlineData("team=shop,nonsense")]
    [InlineData("team=shop,=x")]
    [InlineData("team=shop,k8s.namespace.name=kube-system")]
    [InlineData("team=shop,a b=c")]
    public void A_bad_tag_harms_only_itself(string tags)
    {
        var labels = new Dictionary<string, string> { ["tributary.logs.web"] = "stdout", ["tributary.logs.web.tags"] = tags };

        var sources = Sample.Resolver().Resolve(Sample.Facts(labels: labels));

        Assert.Equal([new("team", "shop")], sources[0].Tags);
        Assert.Null(sources[0].Reason);
        Assert.Equal("web.tags", sources[1].Name);
        Assert.NotNull(sources[1].Reason);
    }

    [Fact]
    public void Output_that_cannot_be_read_is_a_source_with_the_reason()
    {
        var source = Assert.Single(Sample.Resolver().Resolve(Sample.Facts(problem: "driver journald")));

        Assert.Equal(("stdout", "", "driver journald"), (source.Name, source.Path, source.Reason));
    }

    [Fact]
    public void A_container_that_was_never_started_has_no_source_yet() =>
        Assert.Empty(Sample.Resolver().Resolve(Sample.Facts(hasLog: false)));

    [Theory]
    [InlineData(null, null, null, true)]
    [InlineData("web", null, null, true)]
    [InlineData("we", null, null, false)]
    [InlineData("w.*", null, null, true)]
    [InlineData("x|web", null, null, true)]
    [InlineData(null, "app", "", true)]
    [InlineData(null, "app", "shop", true)]
    [InlineData(null, "app", "other", false)]
    [InlineData(null, "none", "", false)]
    public void A_rule_matches_by_whole_name_and_by_every_label(string? name, string? key, string? value, bool matches)
    {
        var rule = new ConfigRule
        {
            Name = "tomcat",
            Namespace = "shop",
            Version = "7",
            ContainerName = name,
            Target = "catalina",
            Streams = ["stderr"],
            ContainerLabels = key is null ? new Dictionary<string, string>() : new() { [key] = value! },
        };

        var source = Assert.Single(Sample.Resolver(rules: [rule]).Resolve(Sample.Facts(labels: new() { ["app"] = "shop" })));

        if (matches)
        {
            Assert.Equal(("tomcat", "catalina", "shop/tomcat", "7", "stderr"), (source.Name, source.Target, source.Config, source.ConfigVersion, source.Streams.Single()));
        }
        else
        {
            Assert.Equal("default", source.Target);
        }
    }

    [Fact]
    public void A_rule_for_a_namespace_matches_only_there()
    {
        var resolver = Sample.Resolver(CollectMode.Declared, [new ConfigRule { Name = "r", Version = "1", PodNamespace = "shop", Target = "t" }]);

        Assert.Single(resolver.Resolve(Sample.Facts(ns: "shop")));
        Assert.Empty(resolver.Resolve(Sample.Facts(ns: "shop2")));
        Assert.Empty(resolver.Resolve(Sample.Facts()));
    }

    [Fact]
    public void A_rule_with_a_bad_expression_or_target_harms_no_other()
    {
        var resolver = Sample.Resolver(rules:
        [
            new ConfigRule { Name = "torn", Version = "1", ContainerName = "(", Target = "a" },
            new ConfigRule { Name = "looking-back", Version = "1", ContainerName = "(?<=x)y", Target = "b" },
            new ConfigRule { Name = "spaced", Version = "1", Target = "no good" },
            new ConfigRule { Name = "good", Version = "1", Target = "c" },
        ]);

        var sources = resolver.Resolve(Sample.Facts());

        Assert.Equal(["spaced", "good"], sources.Select(s => s.Name));
        Assert.Equal([false, true], sources.Select(s => s.Reason is null));
    }

    [Fact]
    public void Two_rules_that_split_the_streams_both_collect_to_one_target()
    {
        var resolver = Sample.Resolver(rules:
        [
            new ConfigRule { Name = "out", Version = "1", Target = "t", Streams = ["stdout"] },
            new ConfigRule { Name = "err", Version = "1", Target = "t", Streams = ["stderr"] },
            new ConfigRule { Name = "both", Version = "1", Target = "t" },
        ]);

        Assert.Equal([true, true, false], resolver.Resolve(Sample.Facts()).Select(s => s.Reason is null));
    }

    [Fact]
    public void A_flood_of_entries_is_cut_with_a_reason()
    {
        var labels = Enumerable.Range(0, 500).ToDictionary(i => $"tributary.logs.n{i}", _ => "stdout");

        var sources = Sample.Resolver(quota: Sample.Quota(1000)).Resolve(Sample.Facts(labels: labels));

        Assert.Equal(SourceResolver.SourcesMax + 1, sources.Count);
        Assert.NotNull(sources[^1].Reason);
    }

    [Fact]
    public void Past_the_bound_a_namespaces_new_targets_go_to_the_default_one_and_are_counted_once()
    {
        using var metrics = new DiscoveryMetrics();
        using var refused = new CounterTotal(metrics.Meter, "tributary.discovery.targets.refused");
        var log = new CapturedLog();
        var quota = new TargetQuota(2, metrics, log.For<TargetQuota>());

        Assert.Equal(["a", "b", "default", "default", "a"], new[] { "a", "b", "c", "d", "a" }.Select((t, i) => quota.Grant("shop", "c" + i, t)));
        Assert.Equal("default", quota.Grant("shop", "c2", "c"));
        Assert.Equal("c", quota.Grant("other", "x", "c"));
        Assert.Equal(Topology.DefaultTarget, quota.Grant("shop", "y", Topology.DefaultTarget));
        Assert.Equal(2, refused.Value);
        Assert.Single(log.Lines);

        quota.Release("c1");
        Assert.Equal("c", quota.Grant("shop", "c2", "c"));
    }

    private static (Dictionary<string, string> Labels, string[] Env) Parse(string declared)
    {
        var entries = declared.Split(';', StringSplitOptions.RemoveEmptyEntries);
        return (
            entries.Where(e => e[0] != '[').Select(e => e.Split('=', 2)).ToDictionary(p => p[0], p => p[1]),
            [.. entries.Where(e => e[0] == '[').Select(e => e[1..^1])]);
    }
}

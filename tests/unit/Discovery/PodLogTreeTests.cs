using Tributary.Contracts;
using Tributary.Discovery;
using Tributary.Discovery.Containers;
using Tributary.Discovery.Pods;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Discovery;

public sealed class PodLogTreeTests : IDisposable
{
    private readonly TempFolder _root = new("pods");

    [Theory]
    [InlineData("shop_web-0_0b4c", "shop", "web-0", "0b4c")]
    [InlineData("kube-system_etcd-node.local_abc123", "kube-system", "etcd-node.local", "abc123")]
    public void A_pods_folder_is_namespace_pod_uid(string name, string ns, string pod, string uid)
    {
        Assert.True(PodFolder.TryParse(name, out var parsed));
        Assert.Equal(new PodFolder(ns, pod, uid), parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("shop")]
    [InlineData("shop_web")]
    [InlineData("shop__uid")]
    [InlineData("a_b_c_d")]
    [InlineData("shop_we b_uid")]
    [InlineData("-shop_web_uid")]
    public void Other_folders_are_no_pods(string name) => Assert.False(PodFolder.TryParse(name, out _));

    [Theory]
    [InlineData("0.log", 0)]
    [InlineData("12.log", 12)]
    public void A_log_is_named_by_its_restart(string name, int restart)
    {
        Assert.True(PodFolder.TryParseLog(name, out var parsed));
        Assert.Equal(restart, parsed);
    }

    [Theory]
    [InlineData("0.log.20261121-101500")]
    [InlineData("0.log.20261121-101500.gz")]
    [InlineData("00.log")]
    [InlineData("-1.log")]
    [InlineData("a.log")]
    [InlineData(".log")]
    [InlineData("99999999999.log")]
    public void Rotated_and_foreign_files_are_no_logs(string name) => Assert.False(PodFolder.TryParseLog(name, out _));

    [Fact]
    public void The_newest_restart_runs_and_the_others_ended()
    {
        _root.Write("shop_web-0_u1/app/0.log", "");
        _root.Write("shop_web-0_u1/app/2.log", "");
        _root.Write("shop_web-0_u1/app/2.log.20261121-101500", "");
        _root.Write("shop_web-0_u1/sidecar/0.log", "");
        _root.MakeFolder("shop_web-0_u1", "not-started");

        var found = new PodLogTree(_root, "node-1").Look().OrderBy(c => c.Id, StringComparer.Ordinal).ToList();

        Assert.Equal(
            [("u1/app/0", ContainerState.Stopped), ("u1/app/2", ContainerState.Running), ("u1/sidecar/0", ContainerState.Running)],
            found.Select(c => (c.Id, c.State)));
        var app = found[1];
        Assert.Equal((_root.Combine("shop_web-0_u1", "app", "2.log"), LogFormat.Cri, 2, "shop"), (app.LogPath, app.LogFormat, app.RestartCount, app.Namespace));
        Assert.Equal(
            new SortedDictionary<string, string>
            {
                ["host.name"] = "node-1",
                ["k8s.namespace.name"] = "shop",
                ["k8s.pod.name"] = "web-0",
                ["k8s.pod.uid"] = "u1",
                ["k8s.container.name"] = "app",
                ["k8s.container.restart_count"] = "2",
            },
            new SortedDictionary<string, string>(app.Attributes.ToDictionary()));
    }

    [Fact]
    public void A_link_to_dockers_file_is_followed_with_the_format_left_open()
    {
        var target = _root.Write("elsewhere/x-json.log", "");
        _root.MakeFolder("shop_web_u1", "app");
        File.CreateSymbolicLink(_root.Combine("shop_web_u1", "app", "0.log"), target);

        Assert.Equal(LogFormat.Auto, new PodLogTree(_root, "n").Look().Single().LogFormat);
    }

    [Fact]
    public async Task A_deleted_folder_is_gone_and_an_unreadable_root_changes_nothing()
    {
        _root.Write("shop_web_u1/app/0.log", "");
        _root.Write("shop_web_u2/app/0.log", "");
        _root.MakeFolder("nonsense");
        var log = new CapturedLog();
        var options = new DiscoveryOptions { PodsRoot = _root, PodsPollInterval = TimeSpan.FromMilliseconds(20) };
        var source = new PodLogTreeSource(options, "n", log.For<PodLogTreeSource>(), TimeProvider.System);
        var views = new List<FullView>();
        using var cancel = new CancellationTokenSource();
        var run = source.RunAsync(r => { lock (views) { views.Add((FullView)r); } }, cancel.Token);

        await SeenAsync(2);
        Directory.Delete(_root.Combine("shop_web_u2"), recursive: true);
        await SeenAsync(1);
        Directory.Move(_root, _root + ".away");
        await Assert.ThrowsAnyAsync<IOException>(() => run.WaitAsync(TimeSpan.FromSeconds(10)));

        Directory.Move(_root + ".away", _root);
        Assert.Single(views[^1].Containers);
        Assert.Equal([true, false], views.Take(2).Select(v => v.AfterGap));
        Assert.Single(log.Lines, l => l.Contains("nonsense", StringComparison.Ordinal));

        Task SeenAsync(int count) => Eventually.TrueAsync(
            () => { lock (views) { return views.Count > 0 && views[^1].Containers.Count == count; } }, TimeSpan.FromSeconds(10), count + " containers");
    }

    public void Dispose() => _root.Dispose();
}

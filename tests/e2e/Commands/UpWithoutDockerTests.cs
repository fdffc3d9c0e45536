using System.Globalization;
using Tributary.Testing;
using Tributary.Tests.E2e.Delivered;
using Tributary.Tests.E2e.Processes;
using Xunit;

namespace Tributary.Tests.E2e.Commands;

/// <summary>What <c>up</c> does where no Docker answers, as a user without any right of root.</summary>
public sealed class UpWithoutDockerTests : IDisposable
{
    private const string Uid = "11111111-2222-3333-4444-555555555555";
    private const string OtherUid = "99999999-8888-7777-6666-555555555555";

    private readonly NobodysFolder _folder = new();
    private readonly List<DeliveredRecord> _records = [];

    private NdjsonFolder Delivered => field ??= new NdjsonFolder(_folder.Combine("var", "logs"));

    [Fact]
    public async Task The_pods_log_folders_are_followed_over_restarts_rotation_and_partial_lines()
    {
        WriteConfiguration($"pods: {{root: \"{_folder.Combine("pods")}\"}}");
        var web = $"pods/shop_web-0_{Uid}/web";
        _folder.Write($"{web}/0.log", Line("F", "first life") + Line("F", "its end", "stderr"));
        var current = _folder.Write($"{web}/1.log", Line("P", "one ") + Line("P", "long ") + Line("F", "line") + Line("F", "naïve 日本語 🦊"));
        _folder.Write($"pods/shop_db-0_{OtherUid}/db/0.log", Line("F", "another pod"));
        await using (var up = Start())
        {
            await ArrivedAsync(up, 5);
            Assert.Contains(up.Process.Output, line => line.Contains(_folder.Combine("pods"), StringComparison.Ordinal));
            await up.StopAsync();
        }

        // The kubelet renames what is full and begins anew; the container then starts again.
        await File.AppendAllTextAsync(current, Line("F", "before the rotation"));
        File.Move(current, current + ".20261121-101112");
        _folder.Write($"{web}/1.log", Line("F", "after the rotation"));
        _folder.Write($"{web}/2.log", Line("F", "third life"));
        await using (var up = Start())
        {
            await ArrivedAsync(up, 8);
            await up.StopAsync();
        }

        Take();
        Assert.Equal(
            [
                "after the rotation", "another pod", "before the rotation", "first life", "its end", "naïve 日本語 🦊", "one long line", "third life",
            ],
            _records.Select(r => r.Body).Order(StringComparer.Ordinal));
        Assert.Equal("stderr", _records.Single(r => r.Body == "its end").Stream);
        var line = _records.Single(r => r.Body == "one long line").Resource;
        Assert.Equal(("shop", "web-0", Uid, "web"), (line["k8s.namespace.name"], line["k8s.pod.name"], line["k8s.pod.uid"], line["k8s.container.name"]));
        Assert.Equal(_records.Count, _records.Select(r => r.Uid).Distinct().Count());
    }

    [Fact]
    public async Task Files_of_the_host_are_followed_where_they_are_named()
    {
        WriteConfiguration("docker: {enabled: off}\npods: {enabled: off}\nfiles: {include: [\"logs/*.log\"], exclude: [\"logs/private*\"]}");
        var file = _folder.Write("logs/app.log", "one\ntwo\n");
        _folder.Write("logs/private.log", "not wanted\n");
        await using (var up = Start())
        {
            await ArrivedAsync(up, 2);
            _folder.Write("logs/late.log", "late\n");
            await ArrivedAsync(up, 3);
            await up.StopAsync();
        }

        await File.AppendAllTextAsync(file, "three\n");
        await using (var up = Start())
        {
            await ArrivedAsync(up, 4);
            await up.StopAsync();
        }

        Take();
        Assert.Equal(["one", "two", "late", "three"], _records.Select(r => r.Body));
    }

    [Fact]
    public async Task Without_containers_the_hosts_own_logs_are_collected()
    {
        WriteConfiguration($"pods: {{root: \"{_folder.Combine("nowhere")}\"}}");

        await using var up = Start();
        await up.StartedAsync();
        await up.StopAsync();

        Assert.Contains(up.Process.Output, line => line.Contains("/var/log/*.log", StringComparison.Ordinal));
        Assert.Contains(up.Process.Output, line => line.Contains(_folder.Combine("none.sock"), StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private static string Line(string tag, string text, string stream = "stdout") => $"2026-11-21T10:11:12.123456789Z {stream} {tag} {text}\n";

    private void WriteConfiguration(string node)
    {
        var socket = node.StartsWith("docker:", StringComparison.Ordinal) ? "" : $"docker: {{socket: \"unix://{_folder.Combine("none.sock")}\"}}\n";
        var spec = (socket + node).ReplaceLineEndings("\n  ");
        _folder.Write(
            "tributary.yaml",
            string.Create(CultureInfo.InvariantCulture, $"apiVersion: tributary.io/v1alpha1\nkind: Node\nspec:\n  listen: 127.0.0.1:{FreePort.Next()}\n  {spec}\n"));
    }

    private UpProcess Start() => new(CommandLine.StartAsNobody(_folder, "up"), Delivered);

    private void Take() => _records.AddRange(Delivered.TakeNew());

    private Task ArrivedAsync(UpProcess up, int count) =>
        up.UntilAsync(
            () =>
            {
                Take();
                return _records.Count >= count;
            },
            $"{count} records", () => string.Join(Environment.NewLine, _records.Select(r => r.Body)));
}

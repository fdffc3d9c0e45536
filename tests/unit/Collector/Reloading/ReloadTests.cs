using Microsoft.Extensions.Logging;
using Tributary.Collector.Reloading;
using Tributary.Config;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Reloading;

public sealed class ReloadTests
{
    [Fact]
    [Trait("Scenario", "R48")]
    public async Task A_hundred_reloads_under_load_one_of_them_bad_lose_nothing_and_refuse_only_that_object()
    {
        using var folder = new TempFolder("reload");
        var file = folder.Combine("tributary.yaml");
        await using var rig = new CollectorRig();
        var started = Write(file, 0);
        rig.Options.Configs = started.LogConfigs;
        rig.Options.ReadBytes = 16 * 1024;
        rig.Follow("a", also: s => s with { Config = "default/a" });
        rig.Follow("b", also: s => s with { Config = "default/b" });
        rig.Start();
        using var reloader = Reloader(rig, file, started);

        var metrics = rig.Metrics;
        var written = 0;
        for (var i = 1; i <= 100; i++)
        {
            for (var line = 0; line < 100; line++, written++)
            {
                rig.Append("a", $"a {written}\n");
                rig.Append("b", line % 10 == 0 ? $"noise {written}\n" : $"b {written}\n");
            }

            if (i == 50)
            {
                Write(file, i, bad: "a");
                var before = rig.Rules.For("default/a");
                var other = rig.Rules.For("default/b");
                reloader.Reload();
                Assert.Same(before, rig.Rules.For("default/a"));
                Assert.NotSame(other, rig.Rules.For("default/b"));
                Assert.Contains(rig.Log.Of(LogLevel.Warning), e => e.Contains($"{file}:6:", StringComparison.Ordinal) && e.Contains("spec.shape[0].redact.patterns[0]", StringComparison.Ordinal));
                Assert.Contains(rig.Log.Of(LogLevel.Warning), w => w.Contains("default/a stays as it was", StringComparison.Ordinal));
            }
            else
            {
                Write(file, i);
                reloader.Reload();
            }
        }

        await rig.ExpectAsync(Enumerable.Range(0, written).SelectMany(n => n % 10 == 0 ? new[] { $"a {n}" } : [$"a {n}", $"b {n}"]));
        Assert.Equal(written / 10, metrics.Total().Dropped["rule:noise"]);
    }

    [Fact]
    public async Task A_changed_file_takes_effect_by_itself_and_a_removed_one_changes_nothing()
    {
        using var folder = new TempFolder("reload");
        var file = folder.Combine("tributary.yaml");
        await using var rig = new CollectorRig();
        var started = Write(file, 0);
        rig.Options.Configs = started.LogConfigs;
        rig.Follow("b", also: s => s with { Config = "default/b" });
        rig.Start();
        using var reloader = Reloader(rig, file, started);
        await reloader.StartAsync(CancellationToken.None);
        var before = rig.Rules.For("default/b");

        // As an editor does it: another file takes the name.
        Write(file, 1);
        await rig.UntilAsync(() => rig.Rules.For("default/b") != before, "the new rules");

        var now = rig.Rules.For("default/b");
        File.Delete(file);
        await rig.UntilAsync(() => rig.Log.Of(LogLevel.Warning).Any(w => w.Contains("does not exist", StringComparison.Ordinal) && w.Contains("tributary.yaml", StringComparison.Ordinal)), "another look");
        Assert.Same(now, rig.Rules.For("default/b"));

        await reloader.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Rules_that_are_left_out_stay_until_sources_are_declared_anew()
    {
        await using var rig = new CollectorRig();
        using var folder = new TempFolder("reload");
        rig.Options.Configs = Write(folder.Combine("tributary.yaml"), 0).LogConfigs;
        rig.Start();

        rig.Rules.Replace([]);
        Assert.NotNull(rig.Rules.For("default/a"));
        rig.Rules.Replace([]);
        Assert.Null(rig.Rules.For("default/a"));
    }

    [Fact]
    public async Task What_needs_a_restart_is_said_once()
    {
        using var folder = new TempFolder("reload");
        var file = folder.Combine("tributary.yaml");
        await using var rig = new CollectorRig();
        var started = Write(file, 0);
        rig.Start();
        using var reloader = Reloader(rig, file, started);

        File.AppendAllText(file, "---\napiVersion: tributary.io/v1alpha1\nkind: Node\nspec: {collect: declared}\n---\napiVersion: tributary.io/v1alpha1\nkind: LogOutput\nmetadata: {name: other}\nspec: {type: console}\n");
        reloader.Reload();
        reloader.Reload();

        var told = Assert.Single(rig.Log.Of(LogLevel.Warning), w => w.Contains("not before a restart", StringComparison.Ordinal));
        Assert.Contains("settings of the Node, outputs", told, StringComparison.Ordinal);
    }

    private static ConfigurationReloader Reloader(CollectorRig rig, string file, TributaryConfiguration started) => new(
        [file], started, [c => rig.Rules.Replace(c.LogConfigs)], rig.Metrics, TimeProvider.System, rig.LoggerOf<ConfigurationReloader>())
    {
        Interval = TimeSpan.FromMilliseconds(5),
    };

    private static TributaryConfiguration Write(string file, int number, string bad = "")
    {
        static string Config(string name, string rule) =>
            $"apiVersion: tributary.io/v1alpha1\nkind: LogConfig\nmetadata: {{name: {name}}}\nspec:\n  sources: [{{stdout: {{}}}}]\n  shape: [{rule}, {{tags: {{}}}}]\n";

        var pattern = bad == "a" ? "(" : "secret" + number;
        var text = Config("a", $"{{redact: {{patterns: [\"{pattern}\"]}}}}").Replace(", {tags: {}}", "", StringComparison.Ordinal)
            + "---\n"
            + Config("b", "{name: noise, drop: [{contains: noise}]}").Replace("{tags: {}}", $"{{tags: {{number: \"{number}\"}}}}", StringComparison.Ordinal);
        File.WriteAllText(file + ".new", text);
        File.Move(file + ".new", file, overwrite: true);
        var read = ConfigurationReader.Read([file], _ => null);
        Assert.Equal(bad.Length == 0, read.IsValid);
        return read.Documents ?? new TributaryConfiguration();
    }
}

using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Integration.Testing;

public sealed class DockerdTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_container_runs_and_its_json_file_log_holds_what_it_printed()
    {
        await using var engine = await Dockerd.StartAsync();
        await engine.ImportBusyboxAsync();

        var id = await engine.RunAsync("--name", "greeter", Dockerd.Busybox, "echo", "hello");
        Assert.Equal("0", (await engine.DockerAsync("wait", id)).Trim());

        var log = Path.Combine(engine.DataRoot, "containers", id, id + "-json.log");
        Assert.Contains("""{"log":"hello\n","stream":"stdout","time":""", await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await engine.StopAsync();
        await engine.StartAgainAsync();
        Assert.Equal("greeter", (await engine.DockerAsync("ps", "--all", "--format", "{{.Names}}")).Trim());
        await engine.RemoveAsync("greeter");
        Assert.False(File.Exists(log));
    }

    [Fact]
    public async Task Nothing_of_an_engine_is_left_when_it_is_disposed_after_a_crash_with_a_running_container()
    {
        var engine = await Dockerd.StartAsync();
        var folder = Path.GetDirectoryName(engine.SocketPath)!;
        await engine.ImportBusyboxAsync();
        var marker = "sleep-" + Guid.NewGuid().ToString("N");
        await engine.RunAsync(Dockerd.Busybox, "sh", "-c", "sleep 1000; echo " + marker);
        await Eventually.TrueAsync(() => CommandLinesWith(marker).Any(), s_timeout, "the container's process");

        await engine.StopAsync(UnixSignal.Kill);
        await engine.DisposeAsync();

        Assert.Empty(CommandLinesWith(marker));
        Assert.Empty(CommandLinesWith(folder));
        Assert.DoesNotContain(folder, await File.ReadAllTextAsync("/proc/self/mountinfo", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }

    private static IEnumerable<string> CommandLinesWith(string text) =>
        Directory.EnumerateDirectories("/proc")
            .Where(path => int.TryParse(Path.GetFileName(path), out _))
            .Select(path => ReadOrEmpty(path + "/cmdline"))
            .Where(line => line.Contains(text, StringComparison.Ordinal));

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

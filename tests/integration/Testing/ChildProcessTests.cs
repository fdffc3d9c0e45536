using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Integration.Testing;

public sealed class ChildProcessTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(UnixSignal.Interrupt, 5)]
    [InlineData(UnixSignal.Terminate, 6)]
    [InlineData(UnixSignal.Kill, 137)]
    public async Task A_signal_reaches_the_program_and_its_exit_code_comes_back(UnixSignal signal, int expected)
    {
        await using var child = ChildProcess.Start("bash", ["-c", "trap 'exit 5' INT; trap 'exit 6' TERM; echo ready; while :; do sleep 0.05; done"]);
        await child.WaitForLineAsync(line => line == "ready", s_timeout);

        child.Signal(signal);

        Assert.Equal(expected, await child.WaitForExitAsync(s_timeout));
        Assert.Equal(expected, child.ExitCode);
    }

    [Fact]
    public async Task Output_and_errors_are_kept_apart_and_together()
    {
        await using var child = ChildProcess.Start("sh", ["-c", "cat; echo $GREETING; echo oops >&2; exit 3"],
            new Dictionary<string, string?> { ["GREETING"] = "hello" }, input: "given\n");

        Assert.Equal(3, await child.WaitForExitAsync(s_timeout));
        Assert.Equal(["given", "hello"], child.Output);
        Assert.Equal(["oops"], child.Errors);
        Assert.Equal(3, child.Lines.Count);
        var failed = await Assert.ThrowsAsync<InvalidOperationException>(() => child.WaitForLineAsync(line => line == "never", s_timeout));
        Assert.Contains("  | oops", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_is_waited_for_only_as_long_as_asked()
    {
        await using var child = ChildProcess.Start("sleep", ["60"]);

        await Assert.ThrowsAsync<TimeoutException>(() => child.WaitForLineAsync(_ => true, TimeSpan.FromMilliseconds(100)));
        await Assert.ThrowsAsync<TimeoutException>(() => child.WaitForExitAsync(TimeSpan.FromMilliseconds(100)));
        Assert.False(child.HasExited);
    }

    [Fact]
    public async Task Cpu_time_and_peak_memory_are_read_while_it_runs()
    {
        await using var child = ChildProcess.Start("bash", ["-c", "x=$(head -c 20000000 /dev/zero | tr '\\0' a); echo full; while :; do :; done"]);
        await child.WaitForLineAsync(line => line == "full", s_timeout);

        await Eventually.TrueAsync(() => child.CpuTime > TimeSpan.FromMilliseconds(50), s_timeout, "some CPU time");
        Assert.InRange(child.PeakRssBytes, 20_000_000, 200_000_000);
    }

    [Fact]
    public async Task A_descendant_that_detached_itself_ends_with_the_child()
    {
        var child = ChildProcess.Start("bash", ["-c", "setsid sleep 1000 >/dev/null 2>&1 & echo $!; wait"]);
        var pid = int.Parse(await child.WaitForLineAsync(_ => true, s_timeout), System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(ProcessFacts.IsRunning(pid));

        await child.DisposeAsync();

        Assert.False(ProcessFacts.IsRunning(pid));
    }

    [Fact]
    public void A_missing_program_is_named_with_its_debian_package()
    {
        var error = Assert.Throws<InvalidOperationException>(() => InstalledProgram.Find("no-such-program", "some-package"));
        Assert.Contains("no-such-program is not installed: it comes with Debian's package some-package", error.Message, StringComparison.Ordinal);
    }
}

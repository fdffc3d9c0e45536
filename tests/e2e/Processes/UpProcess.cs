using Tributary.Testing;
using Tributary.Tests.E2e.Delivered;
using Xunit;

namespace Tributary.Tests.E2e.Processes;

/// <summary>One run of <c>tributary up</c>, stopped as a user would: by Ctrl-C.</summary>
internal sealed class UpProcess(ChildProcess process, NdjsonFolder delivered) : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(10);

    public ChildProcess Process => process;

    public static UpProcess Start(UpFolder folder) => new(CommandLine.Start(folder.Folder, "up"), folder.Delivered);

    /// <summary>It runs: health answers.</summary>
    public Task StartedAsync() => process.WaitForLineAsync(line => line.Contains("/healthz/ready", StringComparison.Ordinal), s_patience);

    public Task ArrivedAsync(Ledger ledger, int lines) =>
        UntilAsync(() => ledger.Take(delivered.TakeNew()).Arrived >= lines, $"{lines} lines to arrive", () => ledger.ToString());

    /// <summary>Waits for a condition; the error of a wait in vain holds its last lines.</summary>
    public async Task UntilAsync(Func<bool> condition, string what, Func<string>? state = null)
    {
        try
        {
            await Eventually.TrueAsync(condition, s_patience, what);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{state?.Invoke()}{Environment.NewLine}{e.Message}{process.Tail()}", e);
        }
    }

    /// <summary>Ctrl-C, once it listens to it: it drains and exits 0 within 10 s.</summary>
    public async Task StopAsync()
    {
        await StartedAsync();
        process.Signal(UnixSignal.Interrupt);
        Assert.True(await process.WaitForExitAsync(s_drain) == 0, $"It ended with exit code {process.ExitCode}.{process.Tail()}");
    }

    public Task KillAsync() => process.EndAsync(UnixSignal.Kill);

    public ValueTask DisposeAsync() => process.DisposeAsync();
}

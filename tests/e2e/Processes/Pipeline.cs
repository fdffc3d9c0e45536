using Tributary.Testing;
using Tributary.Tests.E2e.Delivered;

namespace Tributary.Tests.E2e.Processes;

/// <summary>
/// Discovery, collector and shipper as three processes over one broker, and what the shipper wrote. Each is started by
/// the test, in the order the test wants.
/// </summary>
internal sealed class Pipeline : IAsyncDisposable
{
    private readonly TempFolder _folder = new("pipeline");

    public Pipeline(Uri broker, Uri engine, string node, params IReadOnlyList<string> collectorSettings)
    {
        string[] Node(string service) => ["--Node:Bus", broker.OriginalString, "--Node:Name", node, "--Node:State", _folder.Combine("state", service)];

        Discovery = new ServiceProcess("Discovery", [.. Node("discovery"), "--Discovery:Docker:Endpoint", engine.OriginalString]);
        Collector = new ServiceProcess("Collector", [.. Node("collector"), .. collectorSettings]);
        Shipper = new ServiceProcess(
            "Shipper",
            [.. Node("shipper"), "--Shipper:Outputs:0:Name", "default", "--Shipper:Outputs:0:Type", "File", "--Shipper:Outputs:0:Path", _folder.Combine("logs")]);
        Delivered = new NdjsonFolder(_folder.Combine("logs"));
    }

    public ServiceProcess Discovery { get; }

    public ServiceProcess Collector { get; }

    public ServiceProcess Shipper { get; }

    public IReadOnlyList<ServiceProcess> All => [Discovery, Collector, Shipper];

    public NdjsonFolder Delivered { get; }

    public void Start()
    {
        foreach (var service in All)
        {
            service.Start();
        }
    }

    public Task ReadyAsync() => Task.WhenAll(All.Select(s => s.ReadyAsync()));

    /// <summary>Waits for a condition; the error of a wait in vain holds the services' last lines.</summary>
    public Task UntilAsync(Func<bool> condition, TimeSpan timeout, string what) =>
        LogTails.OnTimeoutAsync(Eventually.TrueAsync(condition, timeout, what), All);

    /// <summary>Waits until so many of the ledger's lines were delivered; the error of a wait in vain says which are missing.</summary>
    public async Task ArrivedAsync(Ledger ledger, int lines, TimeSpan timeout)
    {
        try
        {
            await UntilAsync(() => ledger.Take(Delivered.TakeNew()).Arrived >= lines, timeout, $"{lines} lines to arrive");
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{ledger}{Environment.NewLine}{e.Message}", e);
        }
    }

    /// <summary>Waits until so many of the file's lines were delivered.</summary>
    public Task ArrivedAsync(NumberedFile file, int lines, TimeSpan timeout) =>
        UntilAsync(() => file.Take(Delivered.TakeNew()).Arrived >= lines, timeout, $"{lines} lines to arrive");

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(All.Select(s => s.DisposeAsync().AsTask()));
        _folder.Dispose();
    }
}

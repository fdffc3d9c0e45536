using Tributary.Testing;

namespace Tributary.Tests.E2e.Containers;

/// <summary>The containers of one test with their gates; disposing removes them from the engine, so that no other test collects them.</summary>
internal sealed class PrintingContainers(Dockerd engine, params IReadOnlyList<PrintingContainer> all) : IAsyncDisposable
{
    private const int AtOnce = 4;

    public Gates Gates { get; } = new();

    public IReadOnlyList<PrintingContainer> All => all;

    public Task StartAsync() => StartAsync(_ => true);

    /// <summary>Starts those that are meant, a few at once.</summary>
    public Task StartAsync(Func<PrintingContainer, bool> which) =>
        Parallel.ForEachAsync(all.Where(which), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (container, _) => await container.StartAsync(engine, Gates));

    /// <summary>Ends when each has ended by itself.</summary>
    public Task EndedAsync() => engine.DockerAsync(["wait", .. all.Select(c => c.Name)]);

    public async ValueTask DisposeAsync()
    {
        var started = all.Where(c => c.Id.Length > 0).Select(c => c.Id).ToArray();
        if (started.Length > 0)
        {
            await engine.DockerAsync(["rm", "--force", "--volumes", .. started]);
        }

        Gates.Dispose();
    }
}

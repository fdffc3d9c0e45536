namespace Tributary.Testing;

/// <summary>
/// One Docker Engine with the busybox image for all tests of an assembly, started at the first <see cref="GetAsync"/> and
/// ended with the assembly. A test that stops it starts one of its own instead.
/// </summary>
public sealed class SharedDockerd : IAsyncDisposable
{
    private readonly Lazy<Task<Dockerd>> _engine = new(StartAsync);

    /// <summary>The running engine. A failed start fails every test that asks.</summary>
    public Task<Dockerd> GetAsync() => _engine.Value;

    public async ValueTask DisposeAsync()
    {
        if (_engine is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _engine.Value).DisposeAsync();
        }
    }

    private static async Task<Dockerd> StartAsync()
    {
        var engine = await Dockerd.StartAsync();
        try
        {
            await engine.ImportBusyboxAsync();
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }
}

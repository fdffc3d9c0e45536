namespace Tributary.Testing;

/// <summary>
/// One RabbitMQ for all tests of an assembly, started at the first <see cref="GetAsync"/> and ended with the assembly.
/// A test that stops it, or raises an alarm, starts one of its own instead.
/// </summary>
public sealed class SharedRabbitMq : IAsyncDisposable
{
    private readonly Lazy<Task<RabbitMq>> _broker = new(RabbitMq.StartAsync);

    /// <summary>The running broker. A failed start fails every test that asks.</summary>
    public Task<RabbitMq> GetAsync() => _broker.Value;

    public async ValueTask DisposeAsync()
    {
        if (_broker is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _broker.Value).DisposeAsync();
        }
    }
}

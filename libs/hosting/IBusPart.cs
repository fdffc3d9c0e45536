using MassTransit;

namespace Tributary.Hosting;

/// <summary>
/// What one service adds to the process's bus. A service process has one part; standalone has all of them on one bus.
/// Exactly one of the two Configure methods is called.
/// </summary>
public interface IBusPart
{
    /// <summary>Registers consumers.</summary>
    void Register(IBusRegistrationConfigurator bus);

    /// <summary>Receive endpoints and topology on RabbitMQ.</summary>
    void ConfigureRabbitMq(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator bus);

    /// <summary>Receive endpoints on the embedded in-memory transport.</summary>
    void ConfigureInMemory(IBusRegistrationContext context, IInMemoryBusFactoryConfigurator bus);
}

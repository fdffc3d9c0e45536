using Tributary.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedRabbitMq))]
[assembly: AssemblyFixture(typeof(SharedDockerd))]

using System.Runtime.Versioning;
using Tributary.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedRabbitMq))]
[assembly: AssemblyFixture(typeof(SharedDockerd))]

// Each test drives several processes, a broker and an engine: side by side they would only measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

[assembly: SupportedOSPlatform("linux")]

using Tributary.Discovery;
using Tributary.Hosting;

var program = new ServiceProgram(args);
program.Bind<DiscoveryOptions>("Discovery");

return await program.RunAsync(() =>
{
    var builder = ServiceDefaults.CreateBuilder(program.Node, TimeSpan.FromSeconds(10), new DiscoveryBusPart(program.Node));
    builder.Services.AddDiscovery(program.Node, options => program.BindTo("Discovery", options));
    return builder;
});

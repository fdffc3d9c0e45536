using Tributary.Collector;
using Tributary.Hosting;

var program = new ServiceProgram(args);
var options = program.Bind<CollectorOptions>("Collector");

return await program.RunAsync(() =>
{
    var builder = ServiceDefaults.CreateBuilder(program.Node, options.DrainTimeout + TimeSpan.FromSeconds(5), new CollectorBusPart(program.Node));
    builder.Services.AddCollector(program.Node, options);
    return builder;
});

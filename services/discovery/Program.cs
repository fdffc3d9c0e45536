using Tributary.Discovery;
using Tributary.Hosting;

var program = new ServiceProgram(args);
var options = program.Bind<DiscoveryOptions>("Discovery");
program.Require(
    options.Sources.All(s => s is SourceNames.Docker or SourceNames.Pods) && options.Sources.Distinct().Count() == options.Sources.Count,
    "Discovery:Sources: each is 'docker' or 'pods', and named once.");

return await program.RunAsync(() =>
{
    var builder = ServiceDefaults.CreateBuilder(program.Node, TimeSpan.FromSeconds(10), new DiscoveryBusPart(program.Node));
    builder.Services.AddDiscovery(program.Node, o => program.BindTo("Discovery", o));
    return builder;
});

using Tributary.Collector;
using Tributary.Config;
using Tributary.Hosting;

var program = new ServiceProgram(args);
var options = program.Bind<CollectorOptions>("Collector");
if (options.ConfigFiles.Count > 0)
{
    var read = ConfigurationReader.Read(options.ConfigFiles);
    foreach (var error in read.Errors)
    {
        program.Require(false, error.ToString());
    }

    options.Configuration = read.Documents;
    options.Configs = read.Documents?.LogConfigs ?? [];
    options.NamespaceRateLimit = read.Documents?.Node.NamespaceRateLimit;
}

return await program.RunAsync(() =>
{
    var builder = ServiceDefaults.CreateBuilder(program.Node, options.DrainTimeout + TimeSpan.FromSeconds(5), new CollectorBusPart(program.Node));
    builder.Services.AddCollector(program.Node, options);
    return builder;
});

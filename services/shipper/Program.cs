using Tributary.Hosting;
using Tributary.Shipper;

var program = new ServiceProgram(args);
var options = program.Bind<ShipperOptions>("Shipper");
if (options.Outputs.Count == 0)
{
    options.Outputs.Add(new OutputOptions(ShipperOptions.DefaultOutput, OutputType.File, "./var/logs"));
}

return await program.RunAsync(() =>
{
    var builder = ServiceDefaults.CreateBuilder(program.Node, TimeSpan.FromSeconds(15), new ShipperBusPart(options));
    builder.Services.AddShipper(options);
    return builder;
});

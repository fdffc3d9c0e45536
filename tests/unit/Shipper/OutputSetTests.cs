using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Shipper;
using Tributary.Shipper.Outputs;
using Xunit;

namespace Tributary.Tests.Unit.Shipper;

public sealed class OutputSetTests
{
    [Fact]
    public void A_target_goes_to_the_outputs_of_its_routes_once_each_and_else_to_the_default()
    {
        var options = Options("default", "a", "b");
        options.Routes.Add(new Route("t", "a"));
        options.Routes.Add(new Route("t", "b"));
        options.Routes.Add(new Route("t", "a"));
        using var metrics = new ShipperMetrics();
        using var outputs = new OutputSet(options, TimeProvider.System, metrics, NullLoggerFactory.Instance);

        Assert.Equal(["a", "b"], outputs.For("t"));
        Assert.Equal(["default"], outputs.For("T"));
        Assert.Equal(["default"], outputs.For("other"));
        Assert.IsType<NullOutput>(outputs.Get("a"));
    }

    [Fact]
    public void A_route_to_nowhere_and_a_missing_default_are_refused()
    {
        var options = Options("default");
        options.Routes.Add(new Route("t", "nowhere"));
        Assert.Contains("'nowhere'", Refused(options), StringComparison.Ordinal);
        Assert.Contains("'default'", Refused(Options("a")), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_outputs_of_one_name_are_refused() => Assert.Contains("'a'", Refused(Options("default", "a", "a")), StringComparison.Ordinal);

    private static string Refused(ShipperOptions options) => Assert.Throws<ArgumentException>(() => new ServiceCollection().AddShipper(options)).Message;

    private static ShipperOptions Options(params string[] names)
    {
        var options = new ShipperOptions();
        foreach (var name in names)
        {
            options.Outputs.Add(new OutputOptions(name, OutputType.Null));
        }

        return options;
    }
}

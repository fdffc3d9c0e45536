using Microsoft.Extensions.Logging;

namespace Tributary.Shipper.Outputs;

/// <summary>All outputs by name, and which of them take a target.</summary>
internal sealed class OutputSet : IDisposable
{
    private readonly Dictionary<string, IOutput> _outputs = new(StringComparer.Ordinal);
    private readonly ILookup<string, string> _routes;

    /// <exception cref="IOException">A file output's folder cannot be used.</exception>
    public OutputSet(ShipperOptions options, TimeProvider time, ShipperMetrics metrics, ILoggerFactory loggers)
    {
        _routes = options.Routes.Distinct().ToLookup(r => r.Target, r => r.Output, StringComparer.Ordinal);
        foreach (var output in options.Outputs)
        {
            _outputs.Add(output.Name, output.Type switch
            {
                OutputType.File => new FileOutput(output.Path, time, metrics, loggers.CreateLogger("Tributary.Shipper.File")),
                OutputType.Console => new ConsoleOutput(Console.Out),
                _ => new NullOutput(),
            });
        }
    }

    public IOutput Get(string name) => _outputs[name];

    /// <summary>The names of the outputs that take the target.</summary>
    public IReadOnlyList<string> For(string target) => _routes.Contains(target) ? [.. _routes[target]] : [ShipperOptions.DefaultOutput];

    public void Dispose()
    {
        foreach (var output in _outputs.Values)
        {
            output.Dispose();
        }
    }
}

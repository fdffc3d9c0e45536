using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tributary.Shipper.Outputs;

/// <summary>Opens the outputs when the process starts, and not at the first batch: a folder in use ends the start, a torn line is cut.</summary>
internal sealed partial class OutputStart(OutputSet outputs, ShipperOptions options, ILogger<OutputStart> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var output in options.Outputs)
        {
            _ = outputs.Get(output.Name);
            LogOpen(logger, output.Name, output.Type, output.Path);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "Output {Name} is open: {Type} {Path}")]
    private static partial void LogOpen(ILogger logger, string name, OutputType type, string path);
}

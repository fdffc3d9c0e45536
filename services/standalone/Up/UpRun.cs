using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tributary.Collector;
using Tributary.Collector.Tailing;
using Tributary.Config;
using Tributary.Discovery;
using Tributary.Hosting;
using Tributary.Shipper;

namespace Tributary.Standalone.Up;

/// <summary>One run of <c>tributary up</c>: decides where to look, starts everything on one bus, shows what happens, drains on a signal.</summary>
internal sealed class UpRun(string? file)
{
    public async Task<int> RunAsync()
    {
        var result = ConfigurationReader.Read(file is null ? [] : [file]);
        if (!result.IsValid)
        {
            foreach (var error in result.Errors)
            {
                await Console.Error.WriteLineAsync(error.ToString());
            }

            await Console.Error.WriteLineAsync("Nothing was started.");
            return ExitCodes.Invalid;
        }

        // From now on: one that comes before the reloading runs must not end the process, and what it is for is read then.
        using var hangup = file is null ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => signal.Cancel = true);
        using var signals = new StopSignals();
        try
        {
            return await RunAsync(result.Documents!, signals.Token);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            // While it was still looking where to collect.
            return ExitCodes.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or FormatException or DllNotFoundException)
        {
            await Console.Error.WriteLineAsync($"tributary up: {e.Message}");
            return ExitCodes.Failed;
        }
    }

    private async Task<int> RunAsync(TributaryConfiguration configuration, CancellationToken stopping)
    {
        var discovery = new DiscoveryOptions();
        UpSettings.Discovery(discovery, configuration);
        var plan = await LookingPlan.DecideAsync(configuration, discovery, TimeProvider.System, stopping);
        stopping.ThrowIfCancellationRequested();
        if (plan.IsEmpty)
        {
            await Console.Error.WriteLineAsync("tributary up: nothing to collect: docker and pods are off, files.include is empty, and no LogConfig names a source of the host. Nothing was started.");
            return ExitCodes.Invalid;
        }

        var node = UpSettings.Node(configuration.Node);
        using var board = StatusBoard.Create();
        if (ChooseAddress(node) is { } moved)
        {
            board.WriteLine(moved);
        }

        await using var app = Build(configuration, plan, node, board, file);
        foreach (var line in plan.Lines.Append(OutputsLine(configuration)))
        {
            board.WriteLine(line);
        }

        if (!await StartAsync(app, stopping))
        {
            return ExitCodes.Ok;
        }

        if (node.Listen.Length > 0)
        {
            board.WriteLine($"Health and metrics at {app.Urls.First()}/healthz/ready and /metrics. Ctrl-C drains and ends.");
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, app.Lifetime.ApplicationStopping);
        await board.ShowUntilAsync(app.Services.GetRequiredService<TailLoop>(), ended.Token);
        var failed = !stopping.IsCancellationRequested;
        board.WriteLine(failed ? "A service failed, as said above. Draining …" : "Draining …");
        await StopAsync(app, failed);
        var total = app.Services.GetRequiredService<CollectorMetrics>().Total();
        board.WriteLine($"Stopped: {total.Records:N0} records of {total.Files:N0} files delivered{Dropped(total)}.");
        if (failed)
        {
            await Console.Error.WriteLineAsync("tributary up: ended by itself, because a service failed. What was not delivered comes at the next start.");
        }

        return failed ? ExitCodes.Failed : ExitCodes.Ok;
    }

    private static async Task StopAsync(WebApplication app, bool failed)
    {
        try
        {
            await app.StopAsync(CancellationToken.None);
        }
        catch (Exception e) when (failed)
        {
            // The host repeats what the service failed with.
            await Console.Error.WriteLineAsync($"tributary up: {e.Message}");
        }
    }

    /// <returns>False when the signal came before everything was up.</returns>
    private static async Task<bool> StartAsync(WebApplication app, CancellationToken stopping)
    {
        try
        {
            await app.StartAsync(stopping);
            return true;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await app.StopAsync(CancellationToken.None);
            return false;
        }
    }

    private static WebApplication Build(TributaryConfiguration configuration, LookingPlan plan, NodeOptions node, StatusBoard board, string? file)
    {
        var shipper = UpSettings.Shipper(configuration);
        var parts = new List<IBusPart> { new CollectorBusPart(node), new ShipperBusPart(shipper) };
        if (plan.Sources.Count > 0)
        {
            parts.Add(new DiscoveryBusPart(node));
        }

        var builder = ServiceDefaults.CreateBuilder(node, configuration.Node.ShutdownTimeout, parts);
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new BoardLogger(board));
        builder.Services.AddSingleton<IHostLifetime, SignalsOfOurOwn>();
        if (plan.Sources.Count > 0)
        {
            builder.Services.AddDiscovery(node, options =>
            {
                UpSettings.Discovery(options, configuration);
                options.Sources = plan.Sources;
            });
        }

        builder.Services.AddShipper(shipper);
        builder.Services.AddCollector(node, UpSettings.Collector(configuration, plan.Files));
        if (file is not null)
        {
            builder.Services.AddReloading([file], configuration, p => plan.Sources.Count == 0
                ? []
                : [c => p.GetRequiredService<NodeView>().TakeRules(UpSettings.Rules(c))]);
        }

        return builder.BuildWithHealth();
    }

    /// <summary>Where the default address is taken, any free port will do; one that was asked for must be had.</summary>
    private static string? ChooseAddress(NodeOptions node)
    {
        if (node.Listen.Length == 0 || node.Listen != new NodeOptions().Listen || ServiceDefaults.IsFree(node.Listen))
        {
            return null;
        }

        var taken = node.Listen;
        node.Listen = new IPEndPoint(IPAddress.Loopback, ServiceDefaults.FreePort()).ToString();
        return $"{taken} is taken by another program; using {node.Listen} for health and metrics.";
    }

    private static string OutputsLine(TributaryConfiguration configuration) =>
        "Writing to " + string.Join(", ", configuration.Outputs.Select(o => o.Type == LogOutputType.File
            ? $"{o.Path}/<target>/<day>.ndjson"
            : o.Type.ToString().ToLowerInvariant())) + ".";

    private static string Dropped(Accounting total) =>
        total.Dropped.Count == 0 ? "" : ", " + string.Join(", ", total.Dropped.Select(d => $"{d.Value:N0} dropped ({d.Key})"));

    /// <summary>Signals are taken by <see cref="StopSignals"/>, from before the host exists until after it ended.</summary>
    private sealed class SignalsOfOurOwn : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

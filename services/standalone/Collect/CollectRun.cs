using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tributary.Collector;
using Tributary.Collector.Catalog;
using Tributary.Collector.Limits;
using Tributary.Collector.Publishing;
using Tributary.Collector.Records;
using Tributary.Collector.Tailing;
using Tributary.Config;
using Tributary.Contracts;
using Tributary.Contracts.Batches;
using Tributary.Hosting;
using Tributary.Shipper;
using Tributary.Shipper.Outputs;

namespace Tributary.Standalone.Collect;

/// <summary>One run of <c>tributary collect</c>. Standard output carries the accounting alone; what happens is told on standard error.</summary>
internal sealed class CollectRun(CollectSettings settings, bool json)
{
    private LogConfig? _rules;

    public async Task<int> RunAsync()
    {
        var errors = Check();
        if (errors.Count > 0)
        {
            errors.ForEach(Console.Error.WriteLine);
            return ExitCodes.Invalid;
        }

        try
        {
            using var host = BuildHost();
            return await RunAsync(host);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            await Console.Error.WriteLineAsync($"tributary collect: {e.Message}");
            return ExitCodes.Failed;
        }
    }

    private async Task<int> RunAsync(IHost host)
    {
        using var signals = new StopSignals();
        var started = Stopwatch.GetTimestamp();
        var tail = host.Services.GetRequiredService<TailLoop>();
        var files = host.Services.GetRequiredService<HostFileCatalog>();
        files.FindNew(growing: !settings.UntilDrained).ForEach(tail.Follow);
        var unmatched = files.Unmatched().ToArray();
        foreach (var pattern in unmatched)
        {
            await Console.Error.WriteLineAsync($"tributary collect: nothing matches {pattern}{(settings.UntilDrained ? "" : " yet")}.");
        }

        await host.StartAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Token);
        var looking = settings.UntilDrained ? Task.CompletedTask : files.SearchAsync(tail, TimeSpan.FromSeconds(1), TimeProvider.System, stop.Token);
        var run = Task.Run(() => tail.RunAsync(stop.Token), CancellationToken.None);
        if (settings.UntilDrained)
        {
            await Task.WhenAny(tail.Drained, run);
            await stop.CancelAsync();
        }

        await run;
        await looking;
        await host.StopAsync();
        return Report(host, tail, Stopwatch.GetElapsedTime(started), unmatched.Length);
    }

    private int Report(IHost host, TailLoop tail, TimeSpan wall, int unmatched)
    {
        var drained = tail.Drained.IsCompletedSuccessfully;
        var account = CollectAccount.Of(host.Services.GetRequiredService<CollectorMetrics>().Total(), wall, drained);
        Console.Out.WriteLine(json ? account.ToJson() : account.ToText());
        if (!settings.UntilDrained)
        {
            return ExitCodes.Ok;
        }

        if (!drained)
        {
            Console.Error.WriteLine("tributary collect: stopped before everything was delivered; the next run with the same --state goes on from here.");
        }

        // What rules or a rate limit drop was asked for.
        var lost = account.Dropped.Keys.Any(r => r != SourceLimit.Reason && !r.StartsWith("rule:", StringComparison.Ordinal));
        return drained && unmatched == 0 && !lost ? ExitCodes.Ok : ExitCodes.Incomplete;
    }

    private List<string> Check()
    {
        var errors = new List<string>();
        if (!TargetName.IsValid(settings.Target))
        {
            errors.Add($"--target {settings.Target}: a target is letters, digits, '.', '_' and '-', at most 100, starting with a letter or digit.");
        }

        if (settings.To != "null:" && !settings.To.StartsWith("file:", StringComparison.Ordinal))
        {
            try
            {
                BusAddress.Parse(settings.To);
            }
            catch (FormatException)
            {
                errors.Add($"--to {BusAddress.Masked(settings.To)}: expected file:DIR, null:, or amqp://user:password@host:port/vhost.");
            }
        }

        foreach (var pattern in settings.Patterns)
        {
            if (pattern.StartsWith('-'))
            {
                errors.Add($"{pattern}: there is no such option; a file whose name begins so is written ./{pattern}.");
                continue;
            }

            try
            {
                _ = new Glob(pattern);
            }
            catch (Exception e) when (e is FormatException or ArgumentException)
            {
                errors.Add($"PATTERN {pattern}: {e.Message}");
            }
        }

        if (settings.Rules is not null)
        {
            errors.AddRange(ReadRules(settings.Rules));
        }

        return errors;
    }

    private IEnumerable<string> ReadRules(string file)
    {
        var result = ConfigurationReader.Read([file]);
        if (!result.IsValid)
        {
            return result.Errors.Select(e => e.ToString());
        }

        var configs = result.Documents!.LogConfigs;
        _rules = configs.Count == 1 ? configs[0] : null;
        return _rules is null ? [$"--rules {file}: holds {configs.Count} documents of kind LogConfig; expected one."] : [];
    }

    private IHost BuildHost()
    {
        var node = new NodeOptions { State = settings.State, Bus = settings.To };
        var options = new CollectorOptions
        {
            // In this process a body needs no compression on its way to a file.
            Codec = settings.To.StartsWith("file:", StringComparison.Ordinal) ? BatchCodec.None
                : settings.Compression switch { "zstd" => BatchCodec.Zstd, "gzip" => BatchCodec.Gzip, _ => BatchCodec.None },
        };
        foreach (var root in settings.Stores)
        {
            options.Stores.Add(root);
        }

        options.Files.Add(new HostFiles
        {
            Include = settings.Patterns,
            Format = settings.Format,
            Target = settings.Target,
            Config = _rules is null ? null : RuleCatalog.FullName(_rules),
        });
        options.Configs = _rules is null ? [] : [_rules];
        if (settings.UntilDrained)
        {
            options.CloseAfterQuiet = TimeSpan.Zero;
        }

        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("MassTransit", LogLevel.Error);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(node);
        builder.Services.AddCollectorCore(node, options);
        AddPublisher(builder.Services, node);
        return builder.Build();
    }

    private void AddPublisher(IServiceCollection services, NodeOptions node)
    {
        if (settings.To == "null:")
        {
            services.AddSingleton<IBatchPublisher, NullPublisher>();
        }
        else if (settings.To.StartsWith("file:", StringComparison.Ordinal))
        {
            services.AddSingleton<ShipperMetrics>();
            services.AddSingleton<IBatchPublisher>(p => new OutputPublisher(new FileOutput(
                settings.To["file:".Length..],
                p.GetRequiredService<TimeProvider>(),
                p.GetRequiredService<ShipperMetrics>(),
                p.GetRequiredService<ILogger<FileOutput>>())));
        }
        else
        {
            services.AddTributaryBus(node);
            services.AddSingleton<IBatchPublisher, BrokerPublisher>();
        }
    }
}

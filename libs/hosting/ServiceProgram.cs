using System.Collections;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Tributary.Hosting.Health;

namespace Tributary.Hosting;

/// <summary>
/// Runs one service as a process: settings from the environment (<c>TRIBUTARY_Node__Bus=amqp://…</c>) and the command
/// line (<c>--Node:Bus amqp://…</c>), every wrong one reported at once and nothing started, a clean stop on SIGTERM.
/// A loop that dies ends the process with an exit code of its own, so that whoever supervises it sees a failure.
/// </summary>
public sealed class ServiceProgram
{
    private readonly SettingsReader _settings;
    private readonly TextWriter _problems;

    /// <param name="args">The command line.</param>
    /// <param name="environment">Variables by name; null: those of the process.</param>
    /// <param name="problems">Where errors are written; null: standard error.</param>
    public ServiceProgram(string[] args, IReadOnlyDictionary<string, string>? environment = null, TextWriter? problems = null)
    {
        _settings = new SettingsReader(args, environment ?? ProcessEnvironment());
        _problems = problems ?? Console.Error;
        Node = Bind<NodeOptions>("Node");
        Require(!Node.IsEmbedded, "Node:Bus: 'embedded' works in 'tributary up' alone; expected amqp://user:password@host:port/vhost.");
        if (!Node.IsEmbedded)
        {
            Check("Node:Bus", () => BusAddress.Parse(Node.Bus));
        }

        Check("Node:Listen", () => ServiceDefaults.ParseEndPoint(Node.Listen.Length > 0 ? Node.Listen : "127.0.0.1:0"));
    }

    public NodeOptions Node { get; }

    /// <summary>The options of a section, checked. What is wrong is kept for <see cref="RunAsync"/>; such a setting has its default here.</summary>
    public T Bind<T>(string section)
        where T : class, new()
    {
        var options = new T();
        _settings.Read(section, options);
        return options;
    }

    /// <summary>Writes a section's settings, which <see cref="Bind"/> has checked, into options that something else made.</summary>
    public void BindTo(string section, object options) => _settings.Write(section, options);

    /// <summary>A rule beyond those of the options: unless it holds, <paramref name="error"/> (with the full key) is reported beside the others.</summary>
    public void Require(bool holds, string error)
    {
        if (!holds)
        {
            _settings.Wrong(error);
        }
    }

    /// <summary>Builds and runs until stopped. Exit codes: 0 stopped, 1 wrong settings, 2 could not start or go on.</summary>
    public async Task<int> RunAsync(Func<WebApplicationBuilder> build)
    {
        var errors = _settings.AllErrors();
        if (errors.Count > 0)
        {
            return await EndAsync(1, errors);
        }

        try
        {
            while (true)
            {
                await using var app = build().BuildWithHealth();
                if (!await RunToEndAsync(app))
                {
                    return await EndAsync(2, ["A background loop failed; the log says why."]);
                }

                if (!app.Services.GetRequiredService<BusWatch>().GaveUp)
                {
                    return 0;
                }
            }
        }
        catch (OptionsValidationException e)
        {
            return await EndAsync(1, e.Failures);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or DllNotFoundException)
        {
            return await EndAsync(2, [e.Message]);
        }
    }

    /// <summary>False when the stop was caused by a loop that ended in an error, and not by a signal.</summary>
    private static async Task<bool> RunToEndAsync(WebApplication app)
    {
        var died = false;
        // The host asks to stop after the loop has ended; on a signal every loop still runs at this moment.
        await using var stopping = app.Lifetime.ApplicationStopping.Register(() => died = app.Services.GetServices<IHostedService>()
            .OfType<BackgroundService>()
            .Any(loop => loop.ExecuteTask is { IsFaulted: true } or { IsCanceled: true }));
        try
        {
            await app.StartAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Stopped while it was starting; what has started is stopped below.
        }

        await app.WaitForShutdownAsync();
        return !died;
    }

    private static Dictionary<string, string> ProcessEnvironment() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .ToDictionary(v => (string)v.Key, v => v.Value as string ?? "", StringComparer.Ordinal);

    private async Task<int> EndAsync(int code, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            await _problems.WriteLineAsync(line);
        }

        return code;
    }

    private void Check<T>(string key, Func<T> check)
    {
        try
        {
            _ = check();
        }
        catch (FormatException e)
        {
            _settings.Wrong($"{key}: {e.Message}");
        }
    }
}

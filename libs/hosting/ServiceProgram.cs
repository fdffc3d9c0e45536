using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Tributary.Hosting;

/// <summary>
/// Runs one service as a process: settings from the environment (<c>TRIBUTARY_Node__Bus=amqp://…</c>) and the command
/// line (<c>--Node:Bus amqp://…</c>), every wrong one reported at once and nothing started, a clean stop on SIGTERM.
/// </summary>
public sealed class ServiceProgram
{
    private readonly IConfiguration _configuration;
    private readonly List<string> _errors = [];

    public ServiceProgram(string[] args)
    {
        _configuration = new ConfigurationBuilder().AddEnvironmentVariables("TRIBUTARY_").AddCommandLine(args).Build();
        Node = Bind<NodeOptions>("Node");
        if (Node.IsEmbedded)
        {
            _errors.Add("Node:Bus is 'embedded', which works in 'tributary up' alone; expected amqp://user:password@host:port/vhost.");
        }
        else
        {
            Check(() => BusAddress.Parse(Node.Bus));
        }

        Check(() => ServiceDefaults.ParseEndPoint(Node.Listen.Length > 0 ? Node.Listen : "127.0.0.1:0"));
    }

    public NodeOptions Node { get; }

    /// <summary>The options of a section, checked.</summary>
    public T Bind<T>(string section)
        where T : class, new()
    {
        var options = new T();
        try
        {
            BindTo(section, options);
        }
        catch (InvalidOperationException e)
        {
            _errors.Add($"{section}: {e.InnerException?.Message ?? e.Message}");
        }

        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        _errors.AddRange(results.Select(r => $"{section}:{string.Join(",", r.MemberNames)}: {r.ErrorMessage}"));
        return options;
    }

    /// <summary>Writes a section's settings into options that something else made.</summary>
    /// <exception cref="InvalidOperationException">A setting is unknown or of the wrong type; <see cref="Bind"/> reports it instead.</exception>
    public void BindTo(string section, object options)
    {
        var settings = _configuration.GetSection(section);
        foreach (var list in options.GetType().GetProperties().Where(p => p.PropertyType == typeof(IReadOnlyList<string>) && p.CanWrite))
        {
            // The binder adds to a list; a setting is to replace the default.
            if (settings.GetSection(list.Name).GetChildren().Any())
            {
                list.SetValue(options, Array.Empty<string>());
            }
        }

        settings.Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
    }

    /// <summary>Builds and runs until stopped. Exit codes: 0 stopped, 1 wrong settings, 2 could not start or go on.</summary>
    public async Task<int> RunAsync(Func<WebApplicationBuilder> build)
    {
        if (_errors.Count > 0)
        {
            _errors.ForEach(Console.Error.WriteLine);
            return 1;
        }

        try
        {
            await using var app = build().BuildWithHealth();
            await app.RunAsync();
            return 0;
        }
        catch (OptionsValidationException e)
        {
            foreach (var failure in e.Failures)
            {
                await Console.Error.WriteLineAsync(failure);
            }

            return 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or DllNotFoundException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }
    }

    private void Check<T>(Func<T> check)
    {
        try
        {
            _ = check();
        }
        catch (FormatException e)
        {
            _errors.Add(e.Message);
        }
    }
}

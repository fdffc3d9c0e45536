using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tributary.Collector.Catalog;
using Tributary.Config;

namespace Tributary.Collector.Reloading;

/// <summary>
/// Reads the configuration again when its files change, and on SIGHUP. Polls the files' content, as editors replace files
/// and mounted ones change behind a symlink; a change counts once it was seen twice, as a file may be half written. What is
/// wrong stays as it was and is said with its place. LogConfigs take effect at once, the rest at the next start.
/// </summary>
internal sealed partial class ConfigurationReloader : BackgroundService
{
    private readonly IReadOnlyList<string> _files;
    private readonly IReadOnlyList<Action<TributaryConfiguration>> _takers;
    private readonly CollectorMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly TributaryConfiguration _started;
    private TributaryConfiguration _current;
    private string _restartTold = "";

    /// <param name="files">The configuration's files.</param>
    /// <param name="started">What they said at the start.</param>
    /// <param name="takers">Take the LogConfigs, in this order: whoever applies rules before whoever names them.</param>
    /// <param name="metrics">Counts reloads.</param>
    /// <param name="time">For the polling.</param>
    /// <param name="logger">Errors go here.</param>
    public ConfigurationReloader(
        IReadOnlyList<string> files,
        TributaryConfiguration started,
        IReadOnlyList<Action<TributaryConfiguration>> takers,
        CollectorMetrics metrics,
        TimeProvider time,
        ILogger<ConfigurationReloader> logger)
    {
        (_files, _started, _current, _takers, _metrics, _time, _logger) = (files, started, started, takers, metrics, time, logger);
    }

    /// <summary>How often the files are looked at.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Reads the files now, changed or not. From any thread.</summary>
    public void Reload()
    {
        lock (_lock)
        {
            var read = ConfigurationReader.Reread(_files, _current);
            foreach (var error in read.Errors)
            {
                LogError(_logger, error.ToString());
            }

            foreach (var kept in read.Kept)
            {
                LogKept(_logger, kept);
            }

            var isNew = !Versions(_current).SequenceEqual(Versions(read.Documents));
            _current = read.Documents;
            foreach (var take in isNew ? _takers : [])
            {
                take(_current);
            }

            if (isNew || read.Errors.Count > 0)
            {
                _metrics.Reloaded(read.Errors.Count == 0 ? "taken" : "partly");
                LogTaken(_logger, _current.LogConfigs.Count, read.Errors.Count);
            }

            TellOfRestart();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            Try(Reload);
        });

        // Nothing is known at first: the files may have changed since they were read for the start.
        string? known = null;
        string? seen = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var now = Fingerprint();
            if (now != known && now == seen)
            {
                known = now;
                Try(Reload);
            }

            seen = now;
        }
    }

    private void Try(Action reload)
    {
        try
        {
            reload();
        }
        catch (Exception e)
        {
            _metrics.Reloaded("failed");
            LogFailed(_logger, e);
        }
    }

    /// <summary>Of the files' contents; a file that cannot be read counts as one without content.</summary>
    private string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in _files)
        {
            byte[] content;
            try
            {
                content = File.ReadAllBytes(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                content = [];
            }

            hash.AppendData(BitConverter.GetBytes(content.Length));
            hash.AppendData(content);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>Says, once for each change, what waits for a restart.</summary>
    private void TellOfRestart()
    {
        List<string> waiting = [];
        if (_current.Node.Version != _started.Node.Version)
        {
            waiting.Add("settings of the Node");
        }

        if (!_current.Outputs.SequenceEqual(_started.Outputs))
        {
            waiting.Add("outputs");
        }

        if (!Routes(_current).SetEquals(Routes(_started)))
        {
            waiting.Add("which outputs take a target (a new target goes to the default output until then)");
        }

        if (HostOf(_current) != HostOf(_started))
        {
            waiting.Add("what LogConfigs collect of the host itself (files, journal, kernel)");
        }

        var told = string.Join(", ", waiting);
        if (told.Length > 0 && told != _restartTold)
        {
            LogRestart(_logger, told);
        }

        _restartTold = told;
    }

    private static IEnumerable<(string, string, string)> Versions(TributaryConfiguration configuration) =>
        configuration.LogConfigs.Select(c => (c.Namespace, c.Name, c.Version)).Order();

    private static HashSet<(string Target, string Output)> Routes(TributaryConfiguration configuration) =>
        [.. configuration.LogConfigs.SelectMany(c => c.Outputs.Select(o => (c.Target, o)))];

    private static string HostOf(TributaryConfiguration configuration) => string.Join(
        '\n',
        HostSources.Files(configuration.LogConfigs)
            .Select(f => $"{string.Join(':', f.Include)} - {string.Join(':', f.Exclude)} {f.Format} {f.Target} {f.Config}")
            .Concat(HostSources.Feeds(configuration.LogConfigs).Select(f => f.Key)));

    [LoggerMessage(Level = LogLevel.Information, Message = "The configuration was read again: {Configs} LogConfigs in force, {Errors} errors.")]
    private static partial void LogTaken(ILogger logger, int configs, int errors);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Error}")]
    private static partial void LogError(ILogger logger, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "LogConfig {Config} stays as it was, because of the errors above.")]
    private static partial void LogKept(ILogger logger, string config);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Changed in the configuration, but not before a restart: {What}.")]
    private static partial void LogRestart(ILogger logger, string what);

    [LoggerMessage(Level = LogLevel.Error, Message = "The configuration could not be read again; it stays as it was.")]
    private static partial void LogFailed(ILogger logger, Exception e);
}

using System.Globalization;
using System.Net;
using Tributary.Testing;

namespace Tributary.Tests.E2e.Processes;

/// <summary>One service as it runs in production: a process of its own, settings on its command line, health over HTTP. Killed and started again it keeps its settings.</summary>
internal sealed class ServiceProcess(string service, IReadOnlyList<string> settings) : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly HttpClient s_http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly int _port = FreePort.Next();
    private readonly List<string> _ended = [];
    private ChildProcess? _process;

    public string Service => service;

    public ChildProcess Process => _process ?? throw new InvalidOperationException($"{service} is not running.");

    public void Start() => _process = ChildProcess.Start(
        "dotnet",
        [BuiltProduct.Dll("Tributary." + service, "Tributary." + service), "--Node:Listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}"), .. settings]);

    /// <summary>SIGKILL; ends when it is gone.</summary>
    public Task KillAsync() => EndAsync(UnixSignal.Kill);

    /// <summary>SIGTERM, and the exit code.</summary>
    public Task<int> StopAsync() => EndAsync(UnixSignal.Terminate);

    /// <summary>The status code and body of one of its pages.</summary>
    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string page)
    {
        using var answer = await s_http.GetAsync(new Uri($"http://127.0.0.1:{_port}{page}"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Ends when the page answers with this status.</summary>
    public Task AnswersAsync(string page, HttpStatusCode status, TimeSpan timeout) =>
        LogTails.OnTimeoutAsync(
            Eventually.TrueAsync(async () => (await GetAsync(page)).Status == status, timeout, $"{service}{page} to answer {(int)status}"), this);

    public Task ReadyAsync() => AnswersAsync("/healthz/ready", HttpStatusCode.OK, s_patience);

    /// <summary>The last lines of its log, of ended runs too.</summary>
    public string Tail() => $"{Environment.NewLine}{service}:{string.Concat(_ended)}{_process?.Tail(30)}";

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await EndAsync(UnixSignal.Terminate);
        }
    }

    private async Task<int> EndAsync(UnixSignal signal)
    {
        var process = Process;
        var code = await process.EndAsync(signal);
        _ended.Add(process.Tail(15));
        await process.DisposeAsync();
        _process = null;
        return code;
    }
}

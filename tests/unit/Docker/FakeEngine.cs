using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tributary.Docker;
using Tributary.Testing;

namespace Tributary.Tests.Unit.Docker;

/// <summary>
/// A Docker Engine on a Unix socket that does what a real one will not do on demand: fail a list, cut the events,
/// answer nonsense. Not a stand-in for the real engine, which the integration tests run against.
/// </summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly TempFolder _folder = new("engine");
    private readonly ConcurrentDictionary<Guid, Channel<string>> _streams = new();
    private readonly Queue<string> _firstEvents = new();
    private WebApplication? _app;

    private FakeEngine()
    {
    }

    public string SocketPath => _folder.Combine("d.sock");

    public DockerClientOptions Options => new() { Endpoint = new Uri("unix://" + SocketPath), RequestTimeout = TimeSpan.FromSeconds(5) };

    public string? ApiVersion { get; set; } = "1.41";

    public string MinApiVersion { get; set; } = "1.24";

    /// <summary>Inspect answers by id.</summary>
    public ConcurrentDictionary<string, string> Containers { get; } = new();

    /// <summary>Ids that are listed, but whose inspect fails with 500.</summary>
    public ConcurrentDictionary<string, bool> BadInspects { get; } = new();

    /// <summary>Ids that are listed, but whose inspect is never answered.</summary>
    public ConcurrentDictionary<string, bool> HungInspects { get; } = new();

    /// <summary>Replaces the list's answer: status and body.</summary>
    public (int Status, string Body)? ListAnswer { get; set; }

    /// <summary>Answers are held back until this completes.</summary>
    public Task Delay { get; set; } = Task.CompletedTask;

    public ConcurrentQueue<string> Requests { get; } = new();

    public int Subscribers => _streams.Count;

    public int Lists => Requests.Count(r => r.Contains("/containers/json", StringComparison.Ordinal));

    public static async Task<FakeEngine> StartAsync()
    {
        var engine = new FakeEngine();
        await engine.ListenAsync();
        return engine;
    }

    public async Task ListenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(SocketPath));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
    }

    /// <summary>Closes every connection and the socket.</summary>
    public async Task StopAsync()
    {
        CutEvents();
        if (_app is not null)
        {
            await _app.DisposeAsync();
            _app = null;
        }

        File.Delete(SocketPath);
    }

    /// <summary>Ends the event streams that are open.</summary>
    public void CutEvents()
    {
        foreach (var stream in _streams.Values)
        {
            stream.Writer.TryComplete();
        }
    }

    /// <summary>Raw text to every open event stream.</summary>
    public void Send(string text)
    {
        foreach (var stream in _streams.Values)
        {
            stream.Writer.TryWrite(text);
        }
    }

    /// <summary>Text that the next stream starts with.</summary>
    public void SendFirst(string text) => _firstEvents.Enqueue(text);

    public static string Event(string action, string id, long timeNano = 1) =>
        $$"""{"Type":"container","Action":"{{action}}","Actor":{"ID":"{{id}}","Attributes":{"a":"b"} },"time":1,"timeNano":{{timeNano}},"more":[1]}""" + "\n";

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        Requests.Enqueue(path + context.Request.QueryString);
        await Delay.WaitAsync(context.RequestAborted);
        if (path == "/_ping")
        {
            if (ApiVersion is not null)
            {
                context.Response.Headers["Api-Version"] = ApiVersion;
            }

            await context.Response.WriteAsync("OK");
        }
        else if (path == "/version")
        {
            await context.Response.WriteAsync($$"""{"ApiVersion":"{{ApiVersion}}","MinAPIVersion":"{{MinApiVersion}}"}""");
        }
        else if (path.EndsWith("/containers/json", StringComparison.Ordinal))
        {
            var (status, body) = ListAnswer ?? (200, "[" + string.Join(',', Containers.Keys.Select(id => $$"""{"Id":"{{id}}"}""")) + "]");
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(body);
        }
        else if (path.EndsWith("/events", StringComparison.Ordinal))
        {
            await StreamAsync(context);
        }
        else
        {
            await InspectAsync(context, path.Split('/')[^2]);
        }
    }

    private async Task InspectAsync(HttpContext context, string id)
    {
        if (HungInspects.ContainsKey(id))
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
        }

        if (BadInspects.ContainsKey(id))
        {
            context.Response.StatusCode = 500;
            await context.Response.WriteAsync("""{"message":"layer does not exist"}""");
        }
        else if (Containers.TryGetValue(id, out var body))
        {
            await context.Response.WriteAsync(body);
        }
        else
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync($$"""{"message":"No such container: {{id}}"}""");
        }
    }

    private async Task StreamAsync(HttpContext context)
    {
        await context.Response.StartAsync();
        await context.Response.Body.FlushAsync();
        var stream = Channel.CreateUnbounded<string>();
        var key = Guid.NewGuid();
        while (_firstEvents.TryDequeue(out var first))
        {
            stream.Writer.TryWrite(first);
        }

        _streams[key] = stream;
        try
        {
            await foreach (var text in stream.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync(text);
                await context.Response.Body.FlushAsync();
            }

            context.Abort();
        }
        finally
        {
            _streams.TryRemove(key, out _);
        }
    }
}

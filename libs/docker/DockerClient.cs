using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Tributary.Docker;

/// <summary>
/// The Docker Engine API as far as it is used: ping, list, inspect, events. The API version is agreed with the first
/// request and again with each <see cref="PingAsync"/>. Whatever goes wrong is a <see cref="DockerException"/>; an
/// answer that could not be read is never an empty one. Safe for concurrent use.
/// </summary>
public sealed class DockerClient : IDisposable
{
    private readonly DockerClientOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private string? _version;

    /// <exception cref="DockerException">The endpoint or a certificate file cannot be used.</exception>
    public DockerClient(DockerClientOptions options, TimeProvider? time = null)
    {
        _options = options;
        _time = time ?? TimeProvider.System;
        _http = DockerConnection.Open(options);
    }

    /// <summary>Whether the engine answers; agrees the API version anew (a restarted engine may be another one).</summary>
    public async Task<DockerPing> PingAsync(CancellationToken cancel = default)
    {
        const string Path = "/_ping";
        var ping = await SendAsync(Path, ReadPingAsync, cancel);
        _version = (await AgreeAsync(ping.ApiVersion, cancel)).ToString();
        return ping;

        static Task<DockerPing> ReadPingAsync(HttpResponseMessage response, CancellationToken cancel)
        {
            var header = response.Headers.TryGetValues("Api-Version", out var values) ? values.FirstOrDefault() : null;
            return ApiVersion.TryParse(header, out var version)
                ? Task.FromResult(new DockerPing(version, response.Headers.Date))
                : throw new DockerException(Path, "The answer to a ping names no API version: this is no Docker engine.");
        }
    }

    /// <summary>The containers of this engine; with <paramref name="all"/> those that do not run too.</summary>
    public async Task<IReadOnlyList<ContainerListResponse>> ListContainersAsync(bool all, CancellationToken cancel = default) =>
        await GetAsync(await VersionedAsync("/containers/json?all=" + (all ? "true" : "false"), cancel), DockerJson.Default.ListContainerListResponse, cancel);

    /// <summary>What the engine knows of a container, by id or name; null when there is none.</summary>
    public async Task<ContainerInspectResponse?> InspectContainerAsync(string id, CancellationToken cancel = default)
    {
        var path = await VersionedAsync($"/containers/{Uri.EscapeDataString(id)}/json", cancel);
        try
        {
            return await GetAsync(path, DockerJson.Default.ContainerInspectResponse, cancel);
        }
        catch (DockerException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>
    /// Events as they come. The end of the enumeration means that the connection ended: go on with the last event's
    /// <see cref="DockerEvent.TimeNano"/> as <paramref name="sinceNano"/> (that event comes once more). The engine
    /// keeps only its last few hundred events for that, so list as well.
    /// </summary>
    /// <param name="sinceNano">Nanoseconds since 1970 on the engine's clock; null: from now.</param>
    /// <param name="untilNano">Where the enumeration ends; null: never.</param>
    /// <param name="filters">The engine's filters, like <c>type → [container]</c>.</param>
    /// <param name="cancel">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    public async IAsyncEnumerable<DockerEvent> EventsAsync(
        long? sinceNano = null,
        long? untilNano = null,
        IReadOnlyDictionary<string, IReadOnlyList<string>>? filters = null,
        [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var path = await VersionedAsync("/events" + EventQuery.Build(sinceNano, untilNano, filters), cancel);
        using var response = await RequestAsync(path, HttpCompletionOption.ResponseHeadersRead, cancel);
        await using var stream = await response.Content.ReadAsStreamAsync(cancel);
        await foreach (var message in EventReader.ReadAsync(stream, path, _options.EventBytesMax, cancel))
        {
            yield return message;
        }
    }

    public void Dispose() => _http.Dispose();

    private async ValueTask<string> VersionedAsync(string path, CancellationToken cancel)
    {
        if (_version is null)
        {
            await PingAsync(cancel);
        }

        return $"/v{_version}{path}";
    }

    /// <summary>The newest version that both speak. Only an engine newer than this client may have dropped ours.</summary>
    private async Task<ApiVersion> AgreeAsync(ApiVersion server, CancellationToken cancel)
    {
        if (server < ApiVersion.Oldest)
        {
            throw new DockerException("/_ping", $"This Docker engine speaks API {server}; at least {ApiVersion.Oldest} is needed.");
        }

        if (server <= ApiVersion.Newest)
        {
            return server;
        }

        var offer = await GetAsync("/version", DockerJson.Default.DockerVersionResponse, cancel);
        return ApiVersion.TryParse(offer.MinAPIVersion, out var least) && least > ApiVersion.Newest ? least : ApiVersion.Newest;
    }

    private Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class =>
        SendAsync(path, (response, stop) => ReadJsonAsync(response, path, type, stop), cancel);

    private static async Task<T> ReadJsonAsync<T>(HttpResponseMessage response, string path, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancel);
            return await JsonSerializer.DeserializeAsync(body, type, cancel)
                ?? throw new DockerException(path, $"Docker answered null to {path}.");
        }
        catch (JsonException e)
        {
            throw new DockerException(path, $"Docker's answer to {path} cannot be read: {e.Message}", e);
        }
    }

    private async Task<T> SendAsync<T>(string path, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            using var response = await RequestAsync(path, HttpCompletionOption.ResponseContentRead, either.Token);
            return await read(response, either.Token);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new DockerException(path, $"Docker at {_options.Endpoint} did not answer {path} within {_options.RequestTimeout.TotalSeconds:0.#} s.", e);
        }
    }

    private async Task<HttpResponseMessage> RequestAsync(string path, HttpCompletionOption completion, CancellationToken cancel)
    {
        try
        {
            var response = await _http.GetAsync(new Uri(path, UriKind.Relative), completion, cancel);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw new DockerException(path, response.StatusCode, await RefusalAsync(response, cancel));
            }
        }
        catch (HttpRequestException e)
        {
            throw e.InnerException as DockerException
                ?? new DockerException(path, $"Docker at {_options.Endpoint} cannot be asked {path}: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new DockerException(path, $"Docker at {_options.Endpoint} took no connection within {_options.ConnectTimeout.TotalSeconds:0.#} s.", e);
        }
    }

    private static async Task<string> RefusalAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var body = await response.Content.ReadAsStringAsync(cancel);
        try
        {
            return JsonSerializer.Deserialize(body, DockerJson.Default.DockerErrorResponse)?.Message ?? response.ReasonPhrase ?? "";
        }
        catch (JsonException)
        {
            return body.Length > 500 ? body[..500] : body;
        }
    }
}

using System.Net;
using System.Text.Json;
using Tributary.Collector.Reporting;
using Tributary.Config;
using Tributary.Contracts;
using Tributary.Hosting;
using Tributary.Hosting.Health;

namespace Tributary.Standalone.Top;

/// <summary>One run of <c>tributary top</c>: asks the collector's listen address each second and shows what it says.</summary>
internal sealed class TopRun(string? address, TopSort sort, bool once, bool json)
{
    private const string ConfigFile = "tributary.yaml";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    private TopSort _sort = sort;

    public async Task<int> RunAsync()
    {
        IPEndPoint endPoint;
        try
        {
            endPoint = Reachable(ServiceDefaults.ParseEndPoint(address ?? Listen()));
        }
        catch (FormatException e)
        {
            await Console.Error.WriteLineAsync($"tributary top: {e.Message}");
            return ExitCodes.Invalid;
        }

        using var signals = new StopSignals();
        using var http = new HttpClient { Timeout = AnswerTimeout };
        var uri = new Uri($"http://{endPoint}/status?max={StatusPage.EntriesMax}");
        try
        {
            return await (json ? PrintAsync(http, uri, signals.Token) : ShowAsync(http, uri, signals.Token));
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return ExitCodes.Ok;
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            await Console.Error.WriteLineAsync($"tributary top: what listens at {endPoint} is no collector: it has no /status.");
        }
        catch (Exception e) when (e is HttpRequestException { StatusCode: not null } or JsonException)
        {
            await Console.Error.WriteLineAsync($"tributary top: what listens at {endPoint} does not answer as a collector does: {e.Message}");
        }
        catch (HttpRequestException e)
        {
            await Console.Error.WriteLineAsync($"tributary top: no collector at {endPoint}: {e.Message} Start 'tributary up', or name its address with --address.");
        }
        catch (TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"tributary top: the collector at {endPoint} did not answer within {AnswerTimeout.TotalSeconds:F0} s.");
        }

        return ExitCodes.Failed;
    }

    private async Task<int> PrintAsync(HttpClient http, Uri uri, CancellationToken stopping)
    {
        while (true)
        {
            var status = await http.GetByteArrayAsync(uri, stopping);
            _ = StatusJson.Parse(status);
            Console.Out.WriteLine(System.Text.Encoding.UTF8.GetString(status));
            if (once)
            {
                return ExitCodes.Ok;
            }

            await Task.Delay(Interval, stopping);
        }
    }

    private async Task<int> ShowAsync(HttpClient http, Uri uri, CancellationToken stopping)
    {
        var before = await GetAsync(http, uri, stopping);
        if (once)
        {
            // Rates need two looks.
            await Task.Delay(Interval, stopping);
            foreach (var line in TopTable.Render(before, await GetAsync(http, uri, stopping), _sort, int.MaxValue, 160))
            {
                Console.Out.WriteLine(line);
            }

            return ExitCodes.Ok;
        }

        using var screen = new TopScreen();
        var now = before;
        var lastLook = TimeProvider.System.GetTimestamp();
        while (true)
        {
            screen.Show((height, width) => TopTable.Render(before, now, _sort, height, width));
            while (TimeProvider.System.GetElapsedTime(lastLook) < Interval)
            {
                await Task.Delay(50, stopping);
                if (!screen.TryReadKey(out var key))
                {
                    continue;
                }

                if (key is 'q' or 'Q')
                {
                    return ExitCodes.Ok;
                }

                _sort = key switch { 'l' => TopSort.Lag, 'r' => TopSort.Rate, 'd' => TopSort.Dropped, 'n' => TopSort.Name, _ => _sort };
                break;
            }

            if (TimeProvider.System.GetElapsedTime(lastLook) >= Interval)
            {
                lastLook = TimeProvider.System.GetTimestamp();
                (before, now) = (now, await GetAsync(http, uri, stopping));
            }
        }
    }

    private static async Task<CollectorStatus> GetAsync(HttpClient http, Uri uri, CancellationToken stopping) =>
        StatusJson.Parse(await http.GetByteArrayAsync(uri, stopping));

    /// <summary>Where <c>up</c> listens with the same files.</summary>
    private static string Listen()
    {
        if (!File.Exists(ConfigFile))
        {
            return new NodeOptions().Listen;
        }

        var result = ConfigurationReader.Read([ConfigFile]);
        if (!result.IsValid)
        {
            throw new FormatException($"{string.Join(Environment.NewLine, result.Errors)}{Environment.NewLine}Name the address with --address.");
        }

        return result.Documents!.Node.Listen is { Length: > 0 } listen
            ? listen
            : throw new FormatException($"{ConfigFile} turns listening off; name the address with --address.");
    }

    /// <summary>What listens on all addresses is asked on this machine's own.</summary>
    private static IPEndPoint Reachable(IPEndPoint listen) =>
        listen.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, listen.Port)
        : listen.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, listen.Port)
        : listen;
}

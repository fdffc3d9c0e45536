using System.Net.Sockets;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tributary.Hosting.Health;

/// <summary>
/// Says once when the bus cannot be reached, and once when it can again. Where the broker answers but the bus stays
/// without its connection, it gives up and stops the application, for whoever runs it to build it anew: MassTransit 8.4
/// can go on for ever with a connection that is dead (its issues 5692 and 6095), also after its own stop and start.
/// </summary>
public sealed partial class BusWatch : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A broker that is there needs a moment to be connected to.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    // Reconnecting by itself takes MassTransit up to about ten seconds, counted from when the broker answers.
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(3);

    private readonly IBusControl _bus;
    private readonly NodeOptions _node;
    private readonly TimeProvider _time;
    private readonly IHostApplicationLifetime _application;
    private readonly ILogger<BusWatch> _logger;
    private volatile bool _gaveUp;

    public BusWatch(IBusControl bus, NodeOptions node, TimeProvider time, IHostApplicationLifetime application, ILogger<BusWatch> logger) =>
        (_bus, _node, _time, _application, _logger) = (bus, node, time, application, logger);

    /// <summary>Whether the application was stopped because the bus kept a dead connection.</summary>
    public bool GaveUp => _gaveUp;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var healthySince = _time.GetTimestamp();
        var reported = false;
        long? answersSince = null;
        while (true)
        {
            await Task.Delay(Interval, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            var health = _bus.CheckHealth();
            if (health.Status == BusHealthStatus.Healthy)
            {
                healthySince = _time.GetTimestamp();
                if (reported)
                {
                    LogBack(_logger, BusAddress.Masked(_node.Bus));
                }

                reported = false;
                answersSince = null;
                continue;
            }

            if (!reported && _time.GetElapsedTime(healthySince) > Patience)
            {
                LogAway(_logger, BusAddress.Masked(_node.Bus), health.Description);
                reported = true;
            }

            answersSince = !_node.IsEmbedded && await BrokerAnswersAsync(stoppingToken) ? answersSince ?? _time.GetTimestamp() : null;
            if (answersSince is { } since && _time.GetElapsedTime(since) > GiveUpAfter)
            {
                LogGaveUp(_logger, BusAddress.Masked(_node.Bus));
                _gaveUp = true;
                _application.StopApplication();
                return;
            }
        }
    }

    /// <summary>Whether a broker speaks AMQP at the address: it answers a protocol header with a frame.</summary>
    private async Task<bool> BrokerAnswersAsync(CancellationToken stopping)
    {
        try
        {
            var address = BusAddress.Parse(_node.Bus);
            var secure = address.Scheme == "amqps";
            var port = address.Port > 0 ? address.Port : secure ? 5671 : 5672;
            using var client = new TcpClient();
            await client.ConnectAsync(address.Host, port, stopping).AsTask().WaitAsync(AnswerTimeout, _time, stopping);
            if (secure)
            {
                // Without a handshake nothing is answered; a port that is open has to do.
                return true;
            }

            await client.Client.SendAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), stopping);
            var answer = new byte[1];
            return await client.Client.ReceiveAsync(answer, stopping).AsTask().WaitAsync(AnswerTimeout, _time, stopping) == 1 && answer[0] == 1;
        }
        catch (Exception e) when (e is SocketException or TimeoutException or IOException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The bus at {Address} cannot be reached ({Problem}). Nothing is lost; connecting goes on in the background.")]
    private static partial void LogAway(ILogger logger, string address, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "The bus at {Address} is connected again.")]
    private static partial void LogBack(ILogger logger, string address);

    [LoggerMessage(Level = LogLevel.Error, Message = "The broker at {Address} answers, but the bus does not get its connection back: the service is built anew.")]
    private static partial void LogGaveUp(ILogger logger, string address);
}

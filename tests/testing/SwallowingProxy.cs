using System.Net;
using System.Net.Sockets;

namespace Tributary.Testing;

/// <summary>
/// A TCP proxy in front of a port of this machine that can become a black hole: what comes from either side is read and
/// thrown away, and no connection is refused or closed. Those that were swallowed stay dead when it works again; new ones pass.
/// </summary>
public sealed class SwallowingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpClient> _clients = [];
    private readonly int _port;
    private readonly Task _run;
    private volatile bool _swallows;

    public SwallowingProxy(int port)
    {
        _port = port;
        _listener.Start();
        _run = RunAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public bool Swallows
    {
        set => _swallows = value;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _run;
        lock (_clients)
        {
            _clients.ForEach(c => c.Dispose());
        }

        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                var server = new TcpClient();
                lock (_clients)
                {
                    _clients.AddRange([client, server]);
                }

                _ = PassAsync(client, server);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task PassAsync(TcpClient client, TcpClient server)
    {
        try
        {
            if (!_swallows)
            {
                await server.ConnectAsync(IPAddress.Loopback, _port, _stop.Token);
            }

            var dead = new Link { Swallowed = _swallows };
            await Task.WhenAny(
                CopyAsync(client, dead.Swallowed ? null : server, dead),
                dead.Swallowed ? Task.Delay(Timeout.Infinite, _stop.Token) : CopyAsync(server, client, dead));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // One of them is gone.
        }

        client.Dispose();
        server.Dispose();
    }

    private async Task CopyAsync(TcpClient from, TcpClient? to, Link link)
    {
        var buffer = new byte[64 * 1024];
        while (await from.GetStream().ReadAsync(buffer, _stop.Token) is var read and > 0)
        {
            link.Swallowed |= _swallows;
            if (!link.Swallowed && to is not null)
            {
                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
    }

    private sealed class Link
    {
        public volatile bool Swallowed;
    }
}

using System.Net;
using System.Net.Sockets;

namespace Tributary.Testing;

/// <summary>Free TCP ports on loopback. A port stays free only by luck until its user binds it; none is given twice by one process.</summary>
public static class FreePort
{
    private static readonly HashSet<int> s_given = [];

    /// <summary>A port nobody listened on a moment ago.</summary>
    public static int Next()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            lock (s_given)
            {
                if (s_given.Add(port))
                {
                    return port;
                }
            }
        }

        throw new InvalidOperationException("No free TCP port was found on 127.0.0.1.");
    }
}

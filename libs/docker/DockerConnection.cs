using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tributary.Docker;

/// <summary>Makes the HTTP client for an endpoint: a Unix socket, plain tcp, or tcp under TLS with files of our own.</summary>
internal static class DockerConnection
{
    /// <exception cref="DockerException">The endpoint is of another kind, or a certificate file cannot be read.</exception>
    public static HttpClient Open(DockerClientOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
        };
        return new HttpClient(handler)
        {
            BaseAddress = Configure(handler, options),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = options.ResponseBytesMax,
        };
    }

    private static Uri Configure(SocketsHttpHandler handler, DockerClientOptions options)
    {
        var endpoint = options.Endpoint;
        switch (endpoint.Scheme)
        {
            case "unix":
                var path = endpoint.AbsolutePath;
                handler.ConnectCallback = (_, cancel) => ConnectUnixAsync(path, cancel);
                return new Uri("http://localhost/");
            case "tcp" or "http" or "https":
                if (endpoint.Scheme == "https" || options.UsesTls)
                {
                    handler.SslOptions = TlsOptions(options);
                    return new UriBuilder("https", endpoint.Host, endpoint.Port > 0 ? endpoint.Port : 2376).Uri;
                }

                return new UriBuilder("http", endpoint.Host, endpoint.Port > 0 ? endpoint.Port : 2375).Uri;
            default:
                throw new DockerException("", $"The Docker endpoint {endpoint} is neither unix:///path nor tcp://host:port.");
        }
    }

    private static async ValueTask<Stream> ConnectUnixAsync(string path, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new DockerException("", WhyUnreachable(path, e), e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string WhyUnreachable(string path, SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AccessDenied =>
            $"The Docker socket {path} may not be opened (permission denied): run as root or as a member of the socket's group (usually docker).",
        _ when !Path.Exists(path) =>
            $"There is no Docker socket {path}: start Docker, or set the endpoint to where its socket is.",
        SocketError.ConnectionRefused =>
            $"Nobody listens on the Docker socket {path}: start Docker.",
        _ => $"The Docker socket {path} cannot be reached: {e.Message}.",
    };

    private static SslClientAuthenticationOptions TlsOptions(DockerClientOptions options)
    {
        try
        {
            var tls = new SslClientAuthenticationOptions();
            if (options.CertFile.Length > 0)
            {
                tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(options.CertFile, options.KeyFile.Length > 0 ? options.KeyFile : null)];
            }

            if (options.CaFile.Length > 0)
            {
                var chain = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                chain.CustomTrustStore.ImportFromPemFile(options.CaFile);
                tls.CertificateChainPolicy = chain;
            }

            return tls;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new DockerException("", $"A TLS file for Docker at {options.Endpoint} cannot be used: {e.Message}", e);
        }
    }
}

namespace Tributary.Docker;

/// <summary>Where the engine is and how long it may take.</summary>
public sealed class DockerClientOptions
{
    /// <summary><c>unix:///path/to/docker.sock</c> or <c>tcp://host:port</c> (2375, with TLS 2376, when no port is given).</summary>
    public Uri Endpoint { get; set; } = new("unix:///var/run/docker.sock");

    /// <summary>PEM file of the authority that signed the server's certificate; empty: the system's authorities.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>PEM file of the client's certificate; empty: none is shown.</summary>
    public string CertFile { get; set; } = "";

    /// <summary>PEM file of the client certificate's key.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>Whether tcp goes over TLS though no file is given (a server whose certificate the system trusts).</summary>
    public bool Tls { get; set; }

    /// <summary>Time to connect.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time for a whole answer. The events stream has none.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest answer that is read; a larger one is an error.</summary>
    public int ResponseBytesMax { get; set; } = 64 * 1_048_576;

    /// <summary>The longest single event that is read; a longer one ends the stream with an error.</summary>
    public int EventBytesMax { get; set; } = 1_048_576;

    internal bool UsesTls => Tls || CaFile.Length > 0 || CertFile.Length > 0;
}

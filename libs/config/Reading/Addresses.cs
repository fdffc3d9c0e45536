using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tributary.Config;

/// <summary>The forms of addresses: of the bus, of sockets, of files.</summary>
internal static class Addresses
{
    public static readonly TextRule Bus = new("bus", "embedded or amqp[s]://user:password@host:port/vhost", CheckBus) { IsSecret = true };

    public static readonly TextRule DockerSocket = new("URI", "unix:///path or tcp://host:port", CheckDockerSocket);

    public static readonly TextRule Listen = TextRule.Of("address", "address:port, [IPv6]:port, localhost:port, :port or off", text => text == "off" || IsListen(text));

    public static readonly TextRule Folder = TextRule.Of("path", "a path that is not empty", IsPath);

    public static readonly TextRule Glob = new("glob", "a path that is not empty, with * ? [..] {a,b} for parts of names and ** across folders", CheckGlob);

    private static string? CheckBus(string text)
    {
        if (text == "embedded")
            return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri))
            return text.Contains("://") ? "not a URI" : "";
        if (uri.Scheme is not ("amqp" or "amqps"))
            return "";
        return uri.Host.Length == 0 ? "no host" : uri.Query.Length + uri.Fragment.Length > 0 ? "nothing may follow the vhost" : null;
    }

    private static string? CheckGlob(string text)
    {
        if (!IsPath(text))
            return "";
        try
        {
            _ = new Config.Glob(text);
            return null;
        }
        catch (FormatException)
        {
            return "a bracket or brace is not closed";
        }
        catch (ArgumentException)
        {
            return "a range in brackets is in reverse order";
        }
    }

    private static string? CheckDockerSocket(string text)
    {
        if (text.StartsWith("unix://", StringComparison.Ordinal))
            return text.Length > "unix:///".Length && text["unix://".Length] == '/' ? null : "no absolute path";
        if (!text.StartsWith("tcp://", StringComparison.Ordinal))
            return "";
        return IsHostAndPort(text["tcp://".Length..].TrimEnd('/')) ? null : "no host and port";
    }

    /// <summary>Exactly what a server can be bound to; no name is looked up.</summary>
    private static bool IsListen(string text)
    {
        if (text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase))
            text = "127.0.0.1:" + text["localhost:".Length..];
        else if (text.StartsWith(':'))
            text = "0.0.0.0" + text;
        var colon = text.LastIndexOf(':');
        return colon > 0 && colon < text.Length - 1
            && IPEndPoint.TryParse(text, out var endPoint)
            && (endPoint.AddressFamily == AddressFamily.InterNetwork || text[colon - 1] == ']');
    }

    private static bool IsHostAndPort(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            return false;
        var host = text[..colon];
        return host is "*" || Uri.CheckHostName(host) is not UriHostNameType.Unknown && (host[0] == '[' || !host.Contains(':'));
    }

    public static bool IsPath(string text) => text.Length > 0 && !text.Contains('\0');
}

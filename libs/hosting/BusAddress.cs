namespace Tributary.Hosting;

/// <summary>Turns the address a user gives into the one MassTransit takes.</summary>
public static class BusAddress
{
    /// <exception cref="FormatException">Neither <c>embedded</c> nor an amqp(s) URI; the message hides the password.</exception>
    public static Uri Parse(string bus)
    {
        if (!Uri.TryCreate(bus, UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps") || uri.Host.Length == 0)
        {
            throw new FormatException($"bus '{Masked(bus)}' is neither 'embedded' nor amqp://user:password@host:port/vhost (or amqps://).");
        }

        return uri;
    }

    /// <summary>The address without its password, for logs. Of a malformed one rather more than less is hidden.</summary>
    public static string Masked(string bus)
    {
        var at = bus.LastIndexOf('@');
        var scheme = bus.IndexOf("://", StringComparison.Ordinal);
        var colon = at > 0 ? bus.IndexOf(':', scheme < 0 ? 0 : scheme + 3) : -1;
        return colon > 0 && colon < at ? bus[..(colon + 1)] + "***" + bus[at..] : bus;
    }
}

using System.CommandLine;

namespace Tributary.Standalone.Top;

/// <summary><c>tributary top</c>: what a running collector does, live.</summary>
internal static class TopCommand
{
    public static Command Create()
    {
        var address = new Option<string?>("--address")
        {
            Description = "Where the collector listens. Default: spec.listen of the Node in ./tributary.yaml, else 127.0.0.1:8080.",
            HelpName = "host:port",
        };
        var sort = new Option<string>("--sort")
        {
            Description = "What the sources are sorted by; on a terminal the keys l, r, d and n change it.",
            DefaultValueFactory = _ => "lag",
        };
        sort.AcceptOnlyFromAmong("lag", "rate", "dropped", "name");
        var once = new Option<bool>("--once") { Description = "Look for one second, print one table, and end." };
        var json = new Option<bool>("--json") { Description = "The collector's status as one line of JSON each second; with --once a single one." };
        var command = new Command("top", "Show what a running collector follows, at what rate and with what lag, renewed each second. q or Ctrl-C ends.") { address, sort, once, json };
        command.SetAction((parse, _) => new TopRun(
            parse.GetValue(address),
            Enum.Parse<TopSort>(parse.GetValue(sort)!, ignoreCase: true),
            parse.GetValue(once),
            parse.GetValue(json)).RunAsync());
        return command;
    }
}

/// <summary>The order of the sources; ties by name.</summary>
internal enum TopSort
{
    /// <summary>The most unconfirmed bytes first.</summary>
    Lag,

    /// <summary>The most bytes a second first.</summary>
    Rate,

    /// <summary>The most dropped records first.</summary>
    Dropped,

    /// <summary>By name.</summary>
    Name,
}

using Tributary.Config;
using Tributary.Discovery;

namespace Tributary.Standalone.Up;

/// <summary>Where this run looks for logs, decided once at start, and the sentences that say so.</summary>
/// <param name="Sources">Names of discovery's sources; empty runs without discovery.</param>
/// <param name="Files">Host files to follow.</param>
/// <param name="Host">Whether LogConfigs name sources of the host itself.</param>
/// <param name="Lines">What was decided and why.</param>
internal sealed record LookingPlan(IReadOnlyList<string> Sources, FilesSettings Files, bool Host, IReadOnlyList<string> Lines)
{
    private const string HostLogs = "/var/log/*.log";

    /// <summary>Everything is turned off.</summary>
    public bool IsEmpty => Sources.Count == 0 && Files.Include.Count == 0 && !Host;

    /// <summary>
    /// Docker where it answers, else the pods' folder where it exists, else the host's own logs; what a document turns on
    /// or off stands, and where it turns both off, nothing takes their place.
    /// </summary>
    public static async Task<LookingPlan> DecideAsync(
        TributaryConfiguration configuration, DiscoveryOptions discovery, TimeProvider time, CancellationToken cancel)
    {
        var node = configuration.Node;
        var host = configuration.LogConfigs.Where(c => c.Sources.Any(s => s.Stdout is null)).Select(c => c.Name).ToArray();
        var sources = new List<string>();
        var lines = new List<string>();
        Force(node.Docker.Enabled, SourceNames.Docker, sources);
        Force(node.Pods.Enabled, SourceNames.Pods, sources);
        var looks = sources.Count == 0 && (node.Docker.Enabled == SourceUse.Auto || node.Pods.Enabled == SourceUse.Auto);
        if (looks)
        {
            await DetectAsync(node, discovery, time, sources, lines, cancel);
        }

        lines.InsertRange(0, sources.Select(s => s == SourceNames.Docker
            ? $"Collecting the containers of Docker at {discovery.Docker.Endpoint}."
            : $"Collecting the pods under {discovery.PodsRoot}."));
        var files = node.Files;
        if (files.Include.Count == 0 && sources.Count == 0 && looks && host.Length == 0)
        {
            files = files with { Include = [HostLogs] };
            lines.Add($"No containers to be seen: collecting the host's {HostLogs} instead.");
        }
        else if (files.Include.Count > 0)
        {
            lines.Add($"Collecting the host's files {string.Join(", ", files.Include)}.");
        }

        if (host.Length > 0)
        {
            lines.Add($"Collecting of the host what these configs ask for: {string.Join(", ", host)}.");
        }

        return new LookingPlan(sources, files, host.Length > 0, lines);
    }

    private static void Force(SourceUse use, string source, List<string> sources)
    {
        if (use == SourceUse.On)
        {
            sources.Add(source);
        }
    }

    private static async Task DetectAsync(
        NodeSettings node, DiscoveryOptions discovery, TimeProvider time, List<string> sources, List<string> lines, CancellationToken cancel)
    {
        var choice = await SourceProbe.DetectAsync(discovery, time, cancel);
        var allowed = choice.Source switch
        {
            SourceNames.Docker => node.Docker.Enabled == SourceUse.Auto,
            SourceNames.Pods => node.Pods.Enabled == SourceUse.Auto,
            _ => false,
        };
        if (allowed)
        {
            sources.Add(choice.Source);
        }
        else if (choice.Source == SourceNames.Docker && node.Pods.Enabled == SourceUse.Auto && Directory.Exists(discovery.PodsRoot))
        {
            // Docker answers but is turned off.
            sources.Add(SourceNames.Pods);
        }

        if (sources.Count == 0)
        {
            lines.AddRange(choice.PassedOver.Select(p => $"{p.Source}: {p.Reason}"));
        }
    }
}

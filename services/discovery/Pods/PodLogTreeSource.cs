using Microsoft.Extensions.Logging;
using Tributary.Discovery.Containers;

namespace Tributary.Discovery.Pods;

/// <summary>
/// This node's containers as the kubelet's log folders show them, without an API server. The poll is the truth. A root
/// that cannot be read ends the session and changes nothing.
/// </summary>
internal sealed partial class PodLogTreeSource : IContainerSource
{
    private readonly PodLogTree _tree;
    private readonly string _root;
    private readonly TimeSpan _interval;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private IReadOnlyDictionary<string, string> _reported = new Dictionary<string, string>();

    public PodLogTreeSource(DiscoveryOptions options, string node, ILogger<PodLogTreeSource> log, TimeProvider time)
    {
        _root = Path.GetFullPath(options.PodsRoot);
        _tree = new PodLogTree(_root, node);
        _interval = options.PodsPollInterval;
        _log = log;
        _time = time;
    }

    public string Name => SourceNames.Pods;

    public async Task RunAsync(Action<SourceReport> report, CancellationToken cancel)
    {
        for (var afterGap = true; ; afterGap = false)
        {
            var containers = _tree.Look();
            ReportSkipped();
            if (afterGap)
            {
                LogFollowing(_log, _root, containers.Count);
            }

            report(new FullView(containers, afterGap));
            await Task.Delay(_interval, _time, cancel);
        }
    }

    private void ReportSkipped()
    {
        foreach (var (name, reason) in _tree.Skipped)
        {
            if (!_reported.ContainsKey(name))
            {
                LogSkipped(_log, name, _root, reason);
            }
        }

        _reported = _tree.Skipped;
    }

    [LoggerMessage(1201, LogLevel.Information, "Following the pod logs under {Root}: {Containers} containers")]
    private static partial void LogFollowing(ILogger log, string root, int containers);

    [LoggerMessage(1202, LogLevel.Warning, "{Name} under {Root} is skipped: {Reason}")]
    private static partial void LogSkipped(ILogger log, string name, string root, string reason);
}

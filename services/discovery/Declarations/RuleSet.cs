using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Tributary.Discovery.Containers;

namespace Tributary.Discovery.Declarations;

/// <summary>
/// The config rules, ready to match. A rule whose expression cannot be used matches nothing and is logged; the others work.
/// Not safe for concurrent use.
/// </summary>
internal sealed partial class RuleSet
{
    private readonly ILogger<RuleSet> _log;
    private IReadOnlyList<(ConfigRule Rule, Regex? Name)> _rules = [];

    public RuleSet(IEnumerable<ConfigRule> rules, ILogger<RuleSet> log)
    {
        _log = log;
        Replace(rules);
    }

    /// <summary>Takes these rules in place of those it has.</summary>
    public void Replace(IEnumerable<ConfigRule> rules)
    {
        var usable = new List<(ConfigRule Rule, Regex? Name)>();
        foreach (var rule in rules)
        {
            try
            {
                var name = rule.ContainerName is null
                    ? null
                    : new Regex($@"\A(?:{rule.ContainerName})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
                usable.Add((rule, name));
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                LogUnusable(_log, rule.FullName, e.Message);
            }
        }

        _rules = usable;
    }

    public IEnumerable<ConfigRule> Matching(ContainerFacts container) =>
        _rules.Where(r => Matches(r.Rule, r.Name, container)).Select(r => r.Rule);

    private static bool Matches(ConfigRule rule, Regex? name, ContainerFacts container) =>
        (rule.PodNamespace is null || rule.PodNamespace == container.Namespace)
        && (name is null || name.IsMatch(container.OwnName))
        && rule.ContainerLabels.All(wanted =>
            container.Labels.TryGetValue(wanted.Key, out var value) && (wanted.Value.Length == 0 || wanted.Value == value));

    [LoggerMessage(1401, LogLevel.Warning, "Config {Config} selects nothing, its containerName is no usable regular expression: {Reason}")]
    private static partial void LogUnusable(ILogger log, string config, string reason);
}

using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Tributary.Discovery.Containers;

namespace Tributary.Discovery.Declarations;

/// <summary>The config rules, ready to match. A rule whose expression cannot be used matches nothing and is logged; the others work.</summary>
internal sealed partial class RuleSet
{
    private readonly List<(ConfigRule Rule, Regex? Name)> _rules = [];

    public RuleSet(IEnumerable<ConfigRule> rules, ILogger<RuleSet> log)
    {
        foreach (var rule in rules)
        {
            try
            {
                var name = rule.ContainerName is null
                    ? null
                    : new Regex($@"\A(?:{rule.ContainerName})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
                _rules.Add((rule, name));
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                LogUnusable(log, rule.FullName, e.Message);
            }
        }
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

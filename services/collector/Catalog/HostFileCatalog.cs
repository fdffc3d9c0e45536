using Microsoft.Extensions.Logging;
using Tributary.Collector.Tailing;

namespace Tributary.Collector.Catalog;

/// <summary>Turns globs into sources. A file that matches is followed once, under the first pattern set that it matched.</summary>
internal sealed partial class HostFileCatalog(IReadOnlyList<HostFiles> sets, string node, ILogger<HostFileCatalog> logger)
{
    private readonly (HostFiles Set, Glob[] Include, Glob[] Exclude)[] _sets =
        [.. sets.Select(s => (s, s.Include.Select(p => new Glob(p)).ToArray(), s.Exclude.Select(p => new Glob(p)).ToArray()))];

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unreadable = new(StringComparer.Ordinal);

    public bool IsEmpty => _sets.Length == 0;

    /// <summary>The files that appeared since the last call.</summary>
    /// <param name="growing">False reads each to its end and no further.</param>
    public List<SourceSpec> FindNew(bool growing)
    {
        var found = new List<SourceSpec>();
        foreach (var (set, include, exclude) in _sets)
        {
            foreach (var path in include.SelectMany(g => g.Expand(Unreadable)))
            {
                if (!exclude.Any(g => g.IsMatch(path)) && _known.Add(path))
                {
                    found.Add(Spec(set, path, growing));
                }
            }
        }

        return found;
    }

    /// <summary>Patterns that match nothing now.</summary>
    public IEnumerable<string> Unmatched() =>
        _sets.SelectMany(s => s.Include).Where(g => !_known.Any(g.IsMatch)).Select(g => g.Pattern);

    private SourceSpec Spec(HostFiles set, string path, bool growing) => new()
    {
        Key = "file:" + path,
        DisplayName = path,
        Path = path,
        Format = set.Format,
        Target = set.Target,
        Growing = growing,
        Attributes = new Dictionary<string, string>
        {
            ["host.name"] = node,
            ["log.file.name"] = Path.GetFileName(path),
        },
    };

    private void Unreadable(string folder, string error)
    {
        if (_unreadable.Add(folder))
        {
            LogUnreadable(logger, folder, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Folder {Folder} cannot be listed: {Error} The others go on.")]
    private static partial void LogUnreadable(ILogger logger, string folder, string error);
}

using Microsoft.Extensions.Logging;
using Tributary.Collector.Tailing;
using Tributary.Config;
using Tributary.Contracts;

namespace Tributary.Collector.Catalog;

/// <summary>
/// Turns globs into sources. A file that matches is followed once for each config and target, under the first pattern
/// set that it matched there.
/// </summary>
internal sealed partial class HostFileCatalog(IReadOnlyList<HostFiles> sets, string node, ILogger<HostFileCatalog> logger)
{
    private readonly (HostFiles Set, Glob[] Include, Glob[] Exclude)[] _sets =
        [.. sets.Select(s => (s, s.Include.Select(p => new Glob(p)).ToArray(), s.Exclude.Select(p => new Glob(p)).ToArray()))];

    private readonly HashSet<(string Path, string Target, string? Config)> _known = [];
    private readonly HashSet<string> _unreadable = new(StringComparer.Ordinal);

    public bool IsEmpty => _sets.Length == 0;

    /// <summary>The files that appeared since the last call.</summary>
    /// <param name="growing">False reads each to its end and no further.</param>
    public List<SourceSpec> FindNew(bool growing)
    {
        var found = new List<SourceSpec>();
        var present = new HashSet<(string, string, string?)>();
        foreach (var (set, include, exclude) in _sets)
        {
            foreach (var path in include.SelectMany(g => g.Expand(Unreadable)))
            {
                var key = (path, set.Target, set.Config);
                if (!exclude.Any(g => g.IsMatch(path)) && present.Add(key) && _known.Add(key))
                {
                    found.Add(Spec(set, path, growing, !include.Any(g => g.IsLiteral && g.Pattern == path)));
                }
            }
        }

        // What is gone is forgotten, so that it is found again when it comes back.
        _known.IntersectWith(present);

        return found;
    }

    /// <summary>Looks for new files until stopped and hands them to the loop.</summary>
    public async Task SearchAsync(TailLoop tail, TimeSpan interval, TimeProvider time, CancellationToken stopping)
    {
        string? lastError = null;
        while (!IsEmpty && !stopping.IsCancellationRequested)
        {
            try
            {
                FindNew(growing: true).ForEach(tail.Follow);
                lastError = null;
            }
            catch (Exception e)
            {
                if (e.Message != lastError)
                {
                    lastError = e.Message;
                    LogSearchFailed(logger, e);
                }
            }

            await Task.Delay(interval, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Patterns that match nothing now.</summary>
    public IEnumerable<string> Unmatched() =>
        _sets.SelectMany(s => s.Include).Where(g => !_known.Any(k => g.IsMatch(k.Path))).Select(g => g.Pattern);

    private SourceSpec Spec(HostFiles set, string path, bool growing, bool searched) => new()
    {
        Key = set.Config is not null ? $"file:{set.Config}:{path}" : set.Target == Topology.DefaultTarget ? "file:" + path : $"file:@{set.Target}:{path}",
        DisplayName = path,
        Path = path,
        Format = set.Format,
        Encoding = set.Encoding,
        StripReturn = set.StripReturn,
        Target = set.Target,
        Config = set.Config,
        Declaration = set.Config ?? "",
        Start = set.Start,
        Growing = growing,
        ForgetWhenGone = searched,
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

    [LoggerMessage(Level = LogLevel.Error, Message = "The search for files failed; it is tried again.")]
    private static partial void LogSearchFailed(ILogger logger, Exception e);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Folder {Folder} cannot be listed: {Error} The others go on.")]
    private static partial void LogUnreadable(ILogger logger, string folder, string error);
}

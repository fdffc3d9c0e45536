using Tributary.Collector.Feeds;
using Tributary.Collector.Records;
using Tributary.Collector.Tailing;
using Tributary.Config;
using LogFormat = Tributary.Contracts.LogFormat;

namespace Tributary.Collector.Catalog;

/// <summary>What LogConfigs ask of the host itself: files, journal, kernel ring.</summary>
internal static class HostSources
{
    public static IEnumerable<HostFiles> Files(IEnumerable<LogConfig> configs) =>
        from config in configs
        from source in config.Sources
        let files = source.HostFiles
        where files is not null
        select new HostFiles
        {
            Include = files.Paths,
            Exclude = files.Exclude,
            Format = Enum.Parse<LogFormat>(files.Format.ToString()),
            Encoding = files.Encoding,
            StripReturn = files.StripReturn,
            Start = StartPosition.Parse(files.Start),
            Target = config.Target,
            Config = RuleCatalog.FullName(config),
        };

    public static IEnumerable<FeedSource> Feeds(IEnumerable<LogConfig> configs) =>
        from config in configs
        from source in config.Sources
        let feed = Feed(config, source)
        where feed is not null
        select feed;

    private static FeedSource? Feed(LogConfig config, LogConfigSource source)
    {
        var name = RuleCatalog.FullName(config);
        if (source.Journal is { } journal)
        {
            return new Feeds.JournalSource
            {
                Config = name,
                Target = config.Target,
                Units = journal.Units,
                Identifiers = journal.Identifiers,
                PriorityMax = journal.PriorityMax,
                Directory = journal.Directory.Length == 0 ? null : journal.Directory,
                Fields = journal.Fields,
                FromEnd = journal.FromEnd,
            };
        }

        return source.Kernel is { } kernel
            ? new Feeds.KernelSource { Config = name, Target = config.Target, FromEnd = kernel.FromEnd }
            : null;
    }
}

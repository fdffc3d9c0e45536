using System.Buffers.Text;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Tributary.Collector.Feeds.Journal;

/// <summary>
/// Reads the systemd journal through libsystemd, from a cursor on. Positions count the entries that were seen since the
/// feed was first followed; with the cursor they are the checkpoint, so a restart gives each entry the number it had.
/// </summary>
internal sealed partial class JournalReader(JournalSource source, CollectorOptions options, CollectorMetrics metrics, ILogger logger) : IFeedReader
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromMilliseconds(500);

    private static readonly (string Field, byte[] Key)[] Fields =
    [
        ("_SYSTEMD_UNIT", "systemd.unit"u8.ToArray()),
        ("SYSLOG_IDENTIFIER", "syslog.identifier"u8.ToArray()),
        ("_PID", "process.pid"u8.ToArray()),
        ("_COMM", "process.executable.name"u8.ToArray()),
        ("_TRANSPORT", "journald.transport"u8.ToArray()),
    ];

    private readonly (string Field, byte[] Key)[] _more =
        [.. source.Fields.Select(f => (f, Encoding.UTF8.GetBytes("journald." + f)))];

    public string Identity() => "";

    public void Read(string? cursor, long position, Func<FeedEntry, bool> take, CancellationToken stopping)
    {
        using var journal = new JournalHandle(source.Directory, options.LineBytesMax);
        journal.Match("_SYSTEMD_UNIT", source.Units);
        journal.Match("SYSLOG_IDENTIFIER", source.Identifiers);
        journal.Match("PRIORITY", [.. Enumerable.Range(0, 8).Where(p => source.PriorityMax < 7 && p <= source.PriorityMax).Select(p => $"{p}")]);
        Seek(journal, cursor);
        while (!stopping.IsCancellationRequested)
        {
            if (!journal.Next())
            {
                journal.Wait(WaitMax);
            }
            else if (!take(Entry(journal, position++)))
            {
                return;
            }
        }
    }

    private void Seek(JournalHandle journal, string? cursor)
    {
        if (cursor is not null)
        {
            if (!journal.SeekAfter(cursor))
            {
                metrics.Dropped("journal_gap", 1);
                LogGap(logger, source.DisplayName);
            }
        }
        else if (source.FromEnd)
        {
            journal.SeekEnd();
        }
        else
        {
            journal.SeekStart();
        }
    }

    private FeedEntry Entry(JournalHandle journal, long position)
    {
        var attributes = new List<(byte[], byte[])>(Fields.Length);
        foreach (var (field, key) in Fields)
        {
            Add(journal, field, key, attributes);
        }

        foreach (var (field, key) in _more)
        {
            Add(journal, field, key, attributes);
        }

        var severity = journal.Field("PRIORITY") is { } text && Utf8Parser.TryParse(text, out int priority, out _) ? SyslogSeverity.ToOtel(priority) : 0;
        return new FeedEntry(position, journal.Cursor(), journal.TimeUnixNano(), severity, journal.Field("MESSAGE") ?? [], attributes);
    }

    private static void Add(JournalHandle journal, string field, byte[] key, List<(byte[] Key, byte[] Text)> attributes)
    {
        if (journal.Field(field) is { } value)
        {
            attributes.Add((key, value));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source}: the entry that was delivered last is not in the journal any more; entries between it and the oldest one there may be lost. Raise SystemMaxUse in journald.conf.")]
    private static partial void LogGap(ILogger logger, string source);
}

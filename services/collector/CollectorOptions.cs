using System.ComponentModel.DataAnnotations;
using Tributary.Collector.Tailing;
using Tributary.Config;
using Tributary.Contracts;
using Tributary.Contracts.Batches;

namespace Tributary.Collector;

/// <summary>How the collector reads, batches and remembers. Every buffer's bound is here.</summary>
public sealed class CollectorOptions
{
    /// <summary>A batch is closed at this many encoded bytes, before compression.</summary>
    [Range(64 * 1024, 8 * 1024 * 1024)]
    public int BatchBytesMax { get; set; } = 1024 * 1024;

    /// <summary>A batch is closed at this age at the latest.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan BatchAgeMax { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How batches are compressed on the bus.</summary>
    public BatchCodec Codec { get; set; } = BatchCodec.Zstd;

    /// <summary>Batches of one target that may wait for a confirm.</summary>
    [Range(1, 64)]
    public int WindowBatchesPerTarget { get; set; } = 8;

    /// <summary>Bytes of open and unconfirmed batches of all targets. Reaching it stops reading: the disk is the buffer.</summary>
    [Range(4L * 1024 * 1024, 4L * 1024 * 1024 * 1024)]
    public long WindowBytesMax { get; set; } = 64L * 1024 * 1024;

    /// <summary>Folder of the disk spool, where batches go that the next hop does not take; empty for none.</summary>
    public string SpoolPath { get; set; } = "";

    /// <summary>Bytes of the spool. Reaching it stops reading.</summary>
    [Range(1024L * 1024, 1024L * 1024 * 1024 * 1024)]
    public long SpoolBytesMax { get; set; } = 1024L * 1024 * 1024;

    /// <summary>A target whose window is full goes on by way of the spool when its oldest batch has waited this long.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan SpoolAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest joined line; a longer one is split into parts that are marked and counted.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int LineBytesMax { get; set; } = 1024 * 1024;

    /// <summary>Bytes that the unfinished lines of all files may hold; beyond it a line is split early.</summary>
    [Range(1024 * 1024, 1024 * 1024 * 1024)]
    public long PartialBytesMax { get; set; } = 64L * 1024 * 1024;

    /// <summary>The most that one file is read before it is another's turn.</summary>
    [Range(16 * 1024, 4 * 1024 * 1024)]
    public int ReadBytes { get; set; } = 256 * 1024;

    /// <summary>How often the size of a file that changed lately is looked at.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>A file that did not change for so long is looked at every two seconds, and its path each fifth time.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan QuietAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often paths are looked at for rotation, removal and new files.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan RescanInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long checkpoints may stay unsaved after a confirm: what a crash may repeat beside the batches in flight.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A file that was rotated, deleted, or whose container ended is closed after being unchanged for this long.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan CloseAfterQuiet { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A plain file's last line without a newline is delivered after this long.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan UnterminatedAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the entry of a finished file that no longer exists is kept.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan TombstoneAge { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Files held open at once; further ones wait their turn and are counted.</summary>
    [Range(16, 1_000_000)]
    public int OpenFilesMax { get; set; } = 20_000;

    /// <summary>Bytes of the disk that deleted files may keep while they wait to be read; beyond it those deleted first are let go, counted.</summary>
    [Range(1024L * 1024, 1L << 50)]
    public long HeldDeletedBytesMax { get; set; } = 4L * 1024 * 1024 * 1024;

    /// <summary>How long a deleted file is held while it waits to be read; then it is let go, counted.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan HeldDeletedTimeMax { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How long a rotated file that is no whole gzip file is waited for; then it is a loss, counted.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan CompressedWaitMax { get; set; } = TimeSpan.FromMinutes(5);
    /// <summary>How often the collector's status is published.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan StatusInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Sources that a status message names, those with the most lag first; the others are counted.</summary>
    [Range(0, 1000)]
    public int StatusSourcesMax { get; set; } = 100;

    /// <summary>Sources with series of their own in <c>/metrics</c>; the others are summed.</summary>
    [Range(0, 10_000)]
    public int MetricsSourcesMax { get; set; } = 200;

    /// <summary>How long a stop waits for what is in flight.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>Files of documents as <c>tributary up</c> takes them: their LogConfigs' rules apply, and are read again when they change.</summary>
    public IList<string> ConfigFiles { get; } = [];

    /// <summary>What <see cref="ConfigFiles"/> said at the start; null without any.</summary>
    internal TributaryConfiguration? Configuration { get; set; }

    /// <summary>
    /// Roots of disks that may move between nodes: the checkpoints of files below are kept in <c>.tributary/</c> on the disk,
    /// under a lease, so that one node reads it at a time.
    /// </summary>
    public IList<string> Stores { get; init; } = [];

    /// <summary>A disk's node without a sign of life for so long is followed by another.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StoreLeaseTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>LogConfigs whose rules records go through; sources name them.</summary>
    internal IReadOnlyList<LogConfig> Configs { get; set; } = [];

    /// <summary>What all containers of one namespace together may send; null for any amount.</summary>
    internal RateLimit? NamespaceRateLimit { get; set; }

    /// <summary>Files of the host to follow beside the containers'.</summary>
    public IList<HostFiles> Files { get; } = [];
}

/// <summary>A set of host files, by glob.</summary>
public sealed record HostFiles : IValidatableObject
{
    /// <summary>Absolute or relative globs, at least one: <c>*</c>, <c>?</c>, <c>[…]</c> and <c>**</c>.</summary>
    public required IReadOnlyList<string> Include { get; init; }

    /// <summary>Globs of files that are left out.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    public LogFormat Format { get; init; } = LogFormat.Auto;

    /// <summary>Of the form <see cref="TargetName.Pattern"/>.</summary>
    public string Target { get; init; } = Topology.DefaultTarget;

    /// <summary>One of <see cref="TextEncodings.Names"/>; UTF-16 is also told by its mark.</summary>
    public string Encoding { get; init; } = TextEncodings.Default;

    /// <summary>Whether a carriage return before the line feed belongs to the line's end, not to the line.</summary>
    public bool StripReturn { get; init; }

    /// <summary>Where reading begins in what is there at the first look.</summary>
    public StartPosition Start { get; init; }

    /// <summary>Full name of the LogConfig whose rules apply; null for none.</summary>
    public string? Config { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Include.Count == 0)
        {
            yield return new ValidationResult("names no files.", [nameof(Include)]);
        }

        if (!TargetName.IsValid(Target))
        {
            yield return new ValidationResult($"'{Target}' is not of the form {TargetName.Pattern}.", [nameof(Target)]);
        }

        if (!TextEncodings.Names.Contains(Encoding))
        {
            yield return new ValidationResult($"'{Encoding}' is not known; expected {string.Join(", ", TextEncodings.Names)}.", [nameof(Encoding)]);
        }

        foreach (var wrong in Globs(nameof(Include), Include).Concat(Globs(nameof(Exclude), Exclude)))
        {
            yield return wrong;
        }
    }

    private static IEnumerable<ValidationResult> Globs(string list, IReadOnlyList<string> patterns)
    {
        for (var i = 0; i < patterns.Count; i++)
        {
            if (Problem(patterns[i]) is { } problem)
            {
                yield return new ValidationResult(problem, [$"{list}:{i}"]);
            }
        }
    }

    private static string? Problem(string pattern)
    {
        try
        {
            _ = new Glob(pattern);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
        catch (ArgumentException e)
        {
            // No path at all, or a range such as [z-a].
            return $"'{pattern}' is not a glob: {e.Message}";
        }
    }
}

using System.Text.Json.Serialization;
using Tributary.Collector.Counting;
using Tributary.Collector.Tailing;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// Up to where one file is delivered. Streams have marks of their own, so that an unfinished line of one does not repeat
/// the other's. Each property has a field in <see cref="CheckpointCodec"/>.
/// </summary>
internal sealed record Checkpoint
{
    /// <summary>The source's identity, fixed at first sight: 20 hex digits.</summary>
    public required string SourceId { get; init; }

    /// <summary>Where it was first seen.</summary>
    public required string Path { get; init; }

    /// <summary>What asked for it, see <see cref="SourceSpec.Declaration"/>; empty in what older versions saved.</summary>
    public string Declaration { get; init; } = "";

    /// <summary>The target it is read for.</summary>
    public required string Target { get; init; }

    public required ulong Device { get; init; }

    public required ulong Inode { get; init; }

    /// <summary>How many of the first bytes <see cref="FingerprintHash"/> covers.</summary>
    public int FingerprintLength { get; init; }

    public ulong FingerprintHash { get; init; }

    /// <summary>The last bytes that were read: a file that does not have them any more was rewritten.</summary>
    public TailMark Tail { get; init; }

    /// <summary>Whether the file is a gzip one: offsets and hashes are of what it decompresses to.</summary>
    public bool Compressed { get; init; }

    /// <summary>Where the path led to when that lies in another folder, so that a link pointed elsewhere does not hide it; null when it does not.</summary>
    public string? RealPath { get; init; }

    public StreamMark Stdout { get; init; }

    public StreamMark Stderr { get; init; }

    /// <summary>The file's size when last looked at: what lies behind <see cref="Offset"/> is unread.</summary>
    public long Size { get; init; }

    /// <summary>Of a feed that is no file: what it is, a bar, and the cursor of the last confirmed entry.</summary>
    public string? Cursor { get; init; }

    /// <summary>When a file with this identity was last noted to exist, Unix seconds; up to a day old.</summary>
    public long LastSeen { get; init; }

    /// <summary>Since when no file with this identity exists, Unix seconds; 0 while there is one.</summary>
    public long GoneSince { get; init; }

    /// <summary>What was counted of it up to the marks; null in files of earlier versions.</summary>
    public FileTally? Tally { get; init; }

    /// <summary>Id of the last message that said it is drained; empty when none did.</summary>
    public Guid Drained { get; init; }

    /// <summary>The smaller of the streams' offsets: reading goes on there.</summary>
    [JsonIgnore]
    public long Offset => Math.Min(Stdout.Offset, Stderr.Offset);

    [JsonIgnore]
    public Fingerprint Fingerprint => new(FingerprintLength, FingerprintHash);

    /// <summary>What this is the checkpoint of.</summary>
    [JsonIgnore]
    public CheckpointKey Key => new(new FileKey(Device, Inode), Declaration, Target);
}

/// <summary>One file, read for one declaration and one target: one file may feed several.</summary>
internal readonly record struct CheckpointKey(FileKey File, string Declaration, string Target);

/// <summary>A stream's resume offset.</summary>
/// <param name="Offset">Everything that starts before it was confirmed.</param>
/// <param name="Part">Number of the part that begins there, when a split line continues.</param>
/// <param name="MidLine">Whether the offset lies inside a line of the file.</param>
/// <param name="Skip">Bytes of the text at the offset that were confirmed too, as earlier parts.</param>
/// <param name="Cut">0, or what is known of the record of several lines that was cut right before the offset.</param>
internal readonly record struct StreamMark(long Offset, int Part, bool MidLine, int Skip = 0, int Cut = 0);

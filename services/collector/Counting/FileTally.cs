using System.Text.Json.Serialization;

namespace Tributary.Collector.Counting;

/// <summary>
/// What was taken out of one file so far, kept in its checkpoint beside the marks. It covers the bytes from
/// <see cref="From"/> to <see cref="To"/>, which may lie behind the resume offset: what a restart reads once more up to
/// there is not counted again, so the numbers are exact over restarts.
/// </summary>
internal sealed record FileTally
{
    /// <summary>Where counting began: 0, or where the file was when it was first counted.</summary>
    public long From { get; init; }

    /// <summary>The first byte that is not counted.</summary>
    public long To { get; init; }

    /// <summary>CRC-32C of the bytes.</summary>
    public uint Crc { get; init; }

    /// <summary>Bytes in the range that were passed over; the checksum takes them for zeros.</summary>
    public long Skipped { get; init; }

    /// <summary>Newlines in the range.</summary>
    public long Newlines { get; init; }

    /// <summary>Whether the range ends within a line.</summary>
    public bool EndsOpen { get; init; }

    /// <summary>Records made of it, without dropped ones.</summary>
    public long Records { get; init; }

    /// <summary>Records kept whole because they did not parse.</summary>
    public long Unparsed { get; init; }

    /// <summary>The earliest time of a record, Unix nanoseconds; 0 when there is none.</summary>
    public ulong FirstTime { get; init; }

    /// <summary>The latest time of a record, Unix nanoseconds; 0 when there is none.</summary>
    public ulong LastTime { get; init; }

    /// <summary>Records dropped, by reason; null when none were.</summary>
    public IReadOnlyDictionary<string, long>? Dropped { get; init; }

    [JsonIgnore]
    public long Bytes => To - From;

    /// <summary>Lines in the range, an unfinished last one included.</summary>
    [JsonIgnore]
    public long Lines => Newlines + (EndsOpen ? 1 : 0);
}

namespace Tributary.Contracts.Batches;

/// <summary>Attribute names that the batch itself depends on; the rest are OTel semantic conventions as they are.</summary>
public static class OtlpAttributes
{
    /// <summary>Resource: the source's identity, fixed at first sight. First half of a record's uid.</summary>
    public const string SourceId = "tributary.source.id";

    /// <summary>
    /// Record: byte offset in the file at which the record starts, as an integer (the OTel collector's file receiver
    /// uses the same name). Second half of a record's uid.
    /// </summary>
    public const string RecordOffset = "log.file.record_offset";

    /// <summary>Record: which part of a line that was split because of its length, from 1; absent on the first.</summary>
    public const string RecordPart = "tributary.part";

    /// <summary>Resource: <c>stdout</c> or <c>stderr</c>.</summary>
    public const string IoStream = "log.iostream";

    /// <summary>Resource: the file's path when it was first seen.</summary>
    public const string FilePath = "log.file.path";

    /// <summary>Record: what a consumer that flattens batches writes; composed by <see cref="RecordUid"/>.</summary>
    public const string RecordUidName = "log.record.uid";

    /// <summary>The identity of a record: repeats of it, and nothing else, share it.</summary>
    public static string RecordUid(string sourceId, long offset, int part) =>
        part > 0 ? $"{sourceId}-{offset}.{part}" : $"{sourceId}-{offset}";
}

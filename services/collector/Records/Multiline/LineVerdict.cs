namespace Tributary.Collector.Records.Multiline;

/// <summary>What a line is to the open record of its stream.</summary>
internal enum LineVerdict
{
    /// <summary>It begins a record; the open one is whole.</summary>
    Begins,

    /// <summary>It is a record of its own.</summary>
    Alone,

    /// <summary>It goes on with the open record.</summary>
    Continues,

    /// <summary>It is the open record's last line.</summary>
    Ends,

    /// <summary>A blank line that belongs to the open record if the next line does, and else is a record of its own.</summary>
    Waits,
}

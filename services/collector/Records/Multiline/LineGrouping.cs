namespace Tributary.Collector.Records.Multiline;

/// <summary>
/// Tells which lines of a stream make one record. What it knows between two lines is one number, 0 at first, so that a
/// checkpoint can hold it; a line that begins a record sets the number by itself alone, whatever came before. So a
/// record that is read again from its start comes out the same. Not thread-safe.
/// </summary>
internal abstract class LineGrouping
{
    /// <summary>Judges the next line.</summary>
    /// <param name="goesOn">Whether there is a record to go on with; where not, the line begins one or is alone.</param>
    /// <param name="state">What is known of that record; afterwards of the record that the line is in. Any value is taken.</param>
    /// <param name="open">That record so far; empty when it was cut right before this line.</param>
    /// <param name="line">Without its newline; a carriage return may be its last byte.</param>
    public abstract LineVerdict Judge(bool goesOn, ref int state, ReadOnlySpan<byte> open, ReadOnlySpan<byte> line);

    protected static ReadOnlySpan<byte> WithoutReturn(ReadOnlySpan<byte> line) =>
        line.Length > 0 && line[^1] == (byte)'\r' ? line[..^1] : line;
}

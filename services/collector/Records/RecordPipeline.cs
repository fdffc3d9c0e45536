namespace Tributary.Collector.Records;

/// <summary>
/// What a LogConfig does to each record: parse, then the shaping rules in their order. A line that does not parse is kept
/// whole, with the reason as an attribute, and counted; a dropped one is counted under its rule's name. Not thread-safe.
/// </summary>
internal sealed class RecordPipeline
{
    private static ReadOnlySpan<byte> ParseErrorKey => "tributary.parse.error"u8;

    /// <summary>Namespace and name of the LogConfig.</summary>
    public required string Config { get; init; }

    public required string Version { get; init; }

    public IRecordParser? Parser { get; init; }

    public IReadOnlyList<IRecordStep> Steps { get; init; } = [];

    /// <summary>False when a rule drops the record.</summary>
    public bool Apply(LogRecord record, SourceAccount account)
    {
        if (Parser is not null && !Parser.TryParse(record, out var reason))
        {
            record.Add(ParseErrorKey, System.Text.Encoding.UTF8.GetBytes(reason));
            account.ParseFailed(reason);
        }

        foreach (var step in Steps)
        {
            if (!step.Apply(record))
            {
                account.Drop(step.Name);
                return false;
            }
        }

        return true;
    }
}

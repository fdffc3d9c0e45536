namespace Tributary.Collector.Records;

/// <summary>Takes a line apart into fields. One for each format. Not thread-safe.</summary>
internal interface IRecordParser
{
    /// <summary>Adds what the body says as fields, time and severity. False when it does not parse, or only in part: fields that are there stay.</summary>
    /// <param name="record">The record.</param>
    /// <param name="reason">Why it does not parse: a short fixed word, as it becomes a metric label.</param>
    bool TryParse(LogRecord record, out string reason);
}

namespace Tributary.Collector.Records;

/// <summary>One shaping rule. Not thread-safe.</summary>
internal interface IRecordStep
{
    /// <summary>Names the rule in counters.</summary>
    string Name { get; }

    /// <summary>Changes the record; false drops it.</summary>
    bool Apply(LogRecord record);
}

namespace Tributary.Collector.Records.Shaping;

/// <summary>Drops the records that meet all conditions, or keeps only those.</summary>
internal sealed class FilterStep(string name, Condition[] conditions, bool keeps) : IRecordStep
{
    public string Name => name;

    public bool Apply(LogRecord record) => Conditions.AllHold(conditions, record) == keeps;
}

/// <summary>Applies a step to the records that meet all conditions.</summary>
internal sealed class WhenStep(Condition[] conditions, IRecordStep step) : IRecordStep
{
    public string Name => step.Name;

    public bool Apply(LogRecord record) => !Conditions.AllHold(conditions, record) || step.Apply(record);
}

/// <summary>Conditions of one rule.</summary>
internal static class Conditions
{
    public static bool AllHold(Condition[] conditions, LogRecord record)
    {
        foreach (var condition in conditions)
        {
            if (!condition.Holds(record))
            {
                return false;
            }
        }

        return true;
    }
}

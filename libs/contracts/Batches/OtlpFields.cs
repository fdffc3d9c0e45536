namespace Tributary.Contracts.Batches;

/// <summary>
/// Field tags (number and wire type) of <c>opentelemetry/proto/logs/v1/logs.proto</c> and
/// <c>common/v1/common.proto</c>, v1.x. Checked against generated classes in the tests.
/// </summary>
internal static class OtlpFields
{
    public const byte RequestResourceLogs = 1 << 3 | 2;

    public const byte ResourceLogsResource = 1 << 3 | 2;
    public const byte ResourceLogsScopeLogs = 2 << 3 | 2;

    public const byte ResourceAttributes = 1 << 3 | 2;

    public const byte ScopeLogsLogRecords = 2 << 3 | 2;

    public const byte RecordTime = 1 << 3 | 1;
    public const byte RecordSeverityNumber = 2 << 3 | 0;
    public const byte RecordSeverityText = 3 << 3 | 2;
    public const byte RecordBody = 5 << 3 | 2;
    public const byte RecordAttributes = 6 << 3 | 2;
    public const byte RecordObservedTime = 11 << 3 | 1;

    public const byte KeyValueKey = 1 << 3 | 2;
    public const byte KeyValueValue = 2 << 3 | 2;

    public const byte AnyString = 1 << 3 | 2;
    public const byte AnyBool = 2 << 3 | 0;
    public const byte AnyInt = 3 << 3 | 0;
    public const byte AnyDouble = 4 << 3 | 1;
    public const byte AnyArray = 5 << 3 | 2;
    public const byte AnyKeyValueList = 6 << 3 | 2;
    public const byte AnyBytes = 7 << 3 | 2;
}

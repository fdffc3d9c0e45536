using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Resource.V1;

namespace Tributary.Tests.Unit.Contracts;

/// <summary>Random OTLP requests, as any producer may send them.</summary>
internal static class OtlpGenerators
{
    private static readonly string[] Texts = ["", "a", "message", "tributary.source.id", "log.file.record_offset", "zwölf Boxkämpfer", "日本語", "\U0001F600", "\0\u0001\u001b[2J", "\"quoted\" \\ \n\t"];

    public static readonly Gen<string> Text = Gen.OneOf(
        Gen.Elements(Texts),
        Gen.Choose(32, 0x24F).Select(c => (char)c).ArrayOf().Select(chars => new string(chars)));

    public static readonly Gen<byte[]> Bytes = Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf();

    public static readonly Gen<long> Long = Gen.OneOf(
        Gen.Elements(0L, 1, -1, 127, 128, 16_383, 16_384, int.MaxValue, long.MaxValue, long.MinValue),
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        select ((long)high << 32) | (uint)low);

    private static readonly Gen<double> Real = Gen.OneOf(
        Gen.Elements(0.0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.MaxValue),
        Long.Select(bits => (double)bits / 1000));

    public static readonly Gen<ExportLogsServiceRequest> Request =
        from resourceLogs in Some(0, 3, ResourceLogs())
        select new ExportLogsServiceRequest { ResourceLogs = { resourceLogs } };

    public static Gen<AnyValue> Value(int depth = 0)
    {
        var plain = Gen.OneOf(
            Gen.Constant(0).Select(_ => new AnyValue()),
            Text.Select(s => new AnyValue { StringValue = s }),
            Bytes.Select(b => new AnyValue { BytesValue = ByteString.CopyFrom(b) }),
            Gen.Elements(true, false).Select(b => new AnyValue { BoolValue = b }),
            Long.Select(n => new AnyValue { IntValue = n }),
            Real.Select(d => new AnyValue { DoubleValue = d }));
        return depth == 3
            ? plain
            : Gen.Frequency(
                (6, plain),
                (1, Gen.Constant(0).SelectMany(_ => Some(0, 3, Value(depth + 1)), (_, values) => new AnyValue { ArrayValue = new ArrayValue { Values = { values } } })),
                (1, Gen.Constant(0).SelectMany(_ => Attributes(depth + 1), (_, values) => new AnyValue { KvlistValue = new KeyValueList { Values = { values } } })));
    }

    private static Gen<List<KeyValue>> Attributes(int depth = 1) => Some(
        0,
        4,
        from key in Text
        from value in Value(depth)
        from absent in Gen.Choose(0, 9)
        select absent == 0 ? new KeyValue { Key = key } : new KeyValue { Key = key, Value = value });

    private static Gen<LogRecord> Record() =>
        from time in Long
        from observed in Long
        from severity in Gen.Choose(0, 24)
        from severityText in Text
        from body in Value()
        from hasBody in Gen.Choose(0, 9)
        from attributes in Attributes()
        from flags in Gen.Choose(0, 255)
        from traceId in Bytes
        select new LogRecord
        {
            TimeUnixNano = (ulong)time,
            ObservedTimeUnixNano = (ulong)observed,
            SeverityNumber = (SeverityNumber)severity,
            SeverityText = severityText,
            Body = hasBody == 0 ? null : body,
            Attributes = { attributes },
            Flags = (uint)flags,
            TraceId = ByteString.CopyFrom(traceId),
            DroppedAttributesCount = (uint)flags,
            EventName = severityText,
        };

    private static Gen<ResourceLogs> ResourceLogs() =>
        from attributes in Attributes()
        from hasResource in Gen.Choose(0, 9)
        from scopes in Some(0, 3, Some(0, 4, Record()))
        from schema in Text
        select new ResourceLogs
        {
            Resource = hasResource == 0 ? null : new Resource { Attributes = { attributes }, DroppedAttributesCount = 3, EntityRefs = { new EntityRef { Type = schema } } },
            ScopeLogs = { scopes.Select(records => new ScopeLogs { Scope = new InstrumentationScope { Name = schema }, LogRecords = { records }, SchemaUrl = schema }) },
            SchemaUrl = schema,
        };

    private static Gen<List<T>> Some<T>(int least, int most, Gen<T> element) =>
        from count in Gen.Choose(least, most)
        from list in element.ListOf(count)
        select list.ToList();
}

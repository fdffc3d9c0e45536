using System.Text;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Resource.V1;
using Tributary.Contracts.Batches;

namespace Tributary.Tests.Unit.Shipper;

/// <summary>Requests and batches made of generated classes or by our writer.</summary>
internal static class TestRequest
{
    public static ExportLogsServiceRequest Of(LogRecord record, params KeyValue[] resource) => new()
    {
        ResourceLogs = { new ResourceLogs { Resource = new Resource { Attributes = { resource } }, ScopeLogs = { new ScopeLogs { LogRecords = { record } } } } },
    };

    public static KeyValue Attribute(string key, AnyValue value) => new() { Key = key, Value = value };

    public static KeyValue Attribute(string key, string value) => Attribute(key, new AnyValue { StringValue = value });

    public static KeyValue Attribute(string key, long value) => Attribute(key, new AnyValue { IntValue = value });

    /// <summary>A batch with one record a body, offsets from 0.</summary>
    public static (LogBatch Batch, byte[] Request) Batch(string target, params string[] bodies)
    {
        using var writer = new OtlpBatchWriter();
        writer.BeginSection(OtlpResource.Encode([new(OtlpAttributes.SourceId, "s1"), new("container.name", "web")]));
        for (var i = 0; i < bodies.Length; i++)
        {
            writer.Append(1_000_000_000, 1_000_000_000, i, 0, Encoding.UTF8.GetBytes(bodies[i]));
        }

        writer.EndSection();
        var request = writer.Written.ToArray();
        return (LogBatch.Seal(target, "n1", bodies.Length, BatchCodec.None, [new("s1", "", 0, bodies.Length, bodies.Length)], request), request);
    }

    public static LogBatch Seal(string target, ExportLogsServiceRequest request) =>
        LogBatch.Seal(target, "n1", request.ResourceLogs.Sum(r => r.ScopeLogs.Sum(s => s.LogRecords.Count)), BatchCodec.None, [], request.ToByteArray());
}

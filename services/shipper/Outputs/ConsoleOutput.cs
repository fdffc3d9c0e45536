using System.Text;
using Tributary.Contracts;
using Tributary.Contracts.Batches;
using Tributary.Shipper.Ndjson;

namespace Tributary.Shipper.Outputs;

/// <summary>Lines for people: <c>time target source | text</c>. Control characters are shown, not obeyed.</summary>
internal sealed class ConsoleOutput(TextWriter writer) : IOutput
{
    private const int SourceCharactersMax = 4096;

    private readonly Lock _lock = new();

    public Task WriteAsync(LogBatch batch, ReadOnlyMemory<byte> request, CancellationToken stopping)
    {
        var text = Render(batch, request.Span);
        lock (_lock)
        {
            writer.Write(text);
            writer.Flush();
        }

        return Task.CompletedTask;
    }

    public void Dispose()
    {
    }

    private static string Render(LogBatch batch, ReadOnlySpan<byte> request)
    {
        var text = new StringBuilder(request.Length);
        var reader = new OtlpLogReader(request);
        var index = 0;
        var source = "";
        while (reader.Next(out var record))
        {
            if (reader.ResourceIndex != index)
            {
                index = reader.ResourceIndex;
                source = SourceName(reader.Resource);
            }

            var nanos = record.TimeUnixNano != 0 ? record.TimeUnixNano : record.ObservedUnixNano;
            text.Append(DateTime.UnixEpoch.AddTicks((long)(nanos / 100)).ToString("yyyy-MM-ddTHH:mm:ss.fffZ"))
                .Append(' ').Append(batch.Target).Append(' ').Append(source).Append(" | ");
            AppendShown(text, OtlpValue.Parse(record.Body));
            text.Append('\n');
        }

        return text.ToString();
    }

    private static void AppendShown(StringBuilder text, in OtlpValue body)
    {
        if (body.Kind is OtlpValueKind.String or OtlpValueKind.Bytes)
        {
            AppendShown(text, body.Bytes);
            return;
        }

        using var json = new NdjsonBuffer();
        NdjsonEncoder.WriteValue(json, body);
        AppendShown(text, json.Written.Span);
    }

    private static void AppendShown(StringBuilder text, ReadOnlySpan<byte> utf8)
    {
        foreach (var c in Encoding.UTF8.GetString(utf8))
        {
            text.Append(char.IsControl(c) && c != '\t' ? '\uFFFD' : c);
        }
    }

    private static string SourceName(ReadOnlySpan<byte> resource)
    {
        var container = "";
        var path = "";
        var attributes = OtlpAttributeReader.OfResource(resource);
        while (attributes.Next(out var key, out var value))
        {
            if (key.SequenceEqual("container.name"u8) || key.SequenceEqual("k8s.pod.name"u8))
            {
                container = Encoding.UTF8.GetString(value.Bytes);
            }
            else if (key.SequenceEqual("log.file.path"u8))
            {
                path = Encoding.UTF8.GetString(value.Bytes);
            }
        }

        return Excerpt.Of(container.Length > 0 ? container : path, SourceCharactersMax);
    }
}

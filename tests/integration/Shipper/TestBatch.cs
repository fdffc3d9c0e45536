using System.Globalization;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using Tributary.Contracts.Batches;

namespace Tributary.Tests.Integration.Shipper;

/// <summary>Batches whose records are numbered, and what of them is in the output files.</summary>
internal static class TestBatch
{
    public const int RecordsEach = 10;

    /// <summary>Ten records, numbered from <paramref name="first"/>.</summary>
    public static LogBatch Make(string target, int first, BatchCodec codec = BatchCodec.Zstd)
    {
        using var writer = new OtlpBatchWriter();
        writer.BeginSection(OtlpResource.Encode([new(OtlpAttributes.SourceId, "s1"), new("container.name", "web")]));
        for (var number = first; number < first + RecordsEach; number++)
        {
            writer.Append(1_000_000_000, 1_000_000_000, number, 0, Encoding.UTF8.GetBytes("line " + number));
        }

        writer.EndSection();
        return LogBatch.Seal(target, "n1", RecordsEach, codec, [new("s1", "", first, first + RecordsEach, RecordsEach)], writer.Written.Span);
    }

    public static Dictionary<string, object?> Headers(LogBatch batch) => new()
    {
        [BatchHeaders.Target] = batch.Target,
        [BatchHeaders.Node] = batch.Node,
        [BatchHeaders.Records] = batch.Records.ToString(CultureInfo.InvariantCulture),
        [BatchHeaders.Codec] = BatchCompression.Name(batch.Codec),
        [BatchHeaders.Crc] = batch.Crc.ToString("x8", CultureInfo.InvariantCulture),
        [BatchHeaders.Sources] = SourceRange.Format(batch.Sources),
    };

    /// <summary>As a plain AMQP client in another language would send it, to one queue.</summary>
    public static async Task SendAsync(IChannel channel, string queue, byte[] body, Dictionary<string, object?>? headers, string? contentType)
    {
        var properties = new BasicProperties { Persistent = true, MessageId = Guid.NewGuid().ToString(), Headers = headers };
        if (contentType is not null)
        {
            properties.ContentType = contentType;
        }

        await channel.BasicPublishAsync("", queue, mandatory: true, properties, body);
    }

    /// <summary>The numbers in an output folder's files of one target, in order, repeats included.</summary>
    public static List<int> Numbers(string folder, string target)
    {
        var path = Path.Combine(folder, target);
        if (!Directory.Exists(path))
        {
            return [];
        }

        return
        [
            .. from file in Directory.GetFiles(path, "*.ndjson").Order(StringComparer.Ordinal)
               from line in File.ReadAllLines(file)
               select int.Parse(JsonDocument.Parse(line).RootElement.GetProperty("body").GetString()!["line ".Length..], CultureInfo.InvariantCulture),
        ];
    }
}

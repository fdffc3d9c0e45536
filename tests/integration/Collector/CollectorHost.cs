using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using Tributary.Collector;
using Tributary.Collector.Publishing;
using Tributary.Collector.Counting;
using Tributary.Collector.Tailing;
using Tributary.Contracts.Batches;
using Tributary.Hosting;
using Tributary.Hosting.Health;
using Tributary.Testing;

namespace Tributary.Tests.Integration.Collector;

/// <summary>The whole collector as its process runs it, in this process, over files of a folder; and what of it reached a queue.</summary>
internal sealed class CollectorHost : IAsyncDisposable
{
    private readonly TempFolder _folder = new("collector");
    private readonly ConcurrentDictionary<string, long> _refused = new();
    private MeterListener? _listener;
    private WebApplication? _app;

    public CollectorHost(OwnBroker broker, string target)
    {
        Node = new NodeOptions { Name = target + "-node", Bus = broker.Broker.Uri.ToString(), State = _folder.Combine("state"), Listen = "" };
        Options.Files.Add(new HostFiles { Include = [_folder.Combine("*.log")], Target = target, Format = Contracts.LogFormat.Raw });
    }

    public NodeOptions Node { get; }

    public CollectorOptions Options { get; } = new()
    {
        BatchBytesMax = 64 * 1024,
        BatchAgeMax = TimeSpan.FromMilliseconds(50),
        PollInterval = TimeSpan.FromMilliseconds(20),
        RescanInterval = TimeSpan.FromMilliseconds(100),
    };

    public TailStatus Status => _app!.Services.GetRequiredService<TailLoop>().Status;

    /// <summary>Attempts that the broker refused for this reason, since the start.</summary>
    public long Refused(string reason) => _refused.GetValueOrDefault(reason);

    public BrokerAlarm Alarm => _app!.Services.GetRequiredService<BrokerAlarm>();

    /// <summary>Why one of its parts is not ready; null when all are.</summary>
    public string? NotReady() =>
        _app!.Services.GetServices<IServiceHealth>().Select(h => h.NotReady()).FirstOrDefault(p => p is not null);

    public async Task StartAsync()
    {
        var builder = ServiceDefaults.CreateBuilder(Node, TimeSpan.FromSeconds(10), new CollectorBusPart(Node));
        builder.Logging.ClearProviders();
        builder.Services.AddCollector(Node, Options);
        _app = builder.BuildWithHealth();
        CountRefused(_app.Services.GetRequiredService<CollectorMetrics>().Meter);
        await _app.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    /// <summary>Appends numbered lines of about a hundred bytes.</summary>
    public void Append(int first, int count)
    {
        var text = new StringBuilder();
        for (var i = first; i < first + count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{i} ").Append('x', 90).Append('\n');
        }

        File.AppendAllText(_folder.Combine("numbers.log"), text.ToString());
    }

    /// <summary>The numbers of a message's lines, each with its record's uid.</summary>
    public static List<(int Number, string Uid)> Numbers(BasicGetResult message)
    {
        var batch = Batch(message);
        using var body = batch.Open();
        var reader = new OtlpLogReader(body.Span);
        var found = new List<(int, string)>();
        while (reader.Next(out var record))
        {
            var text = Encoding.UTF8.GetString(OtlpValue.Parse(record.Body).Bytes);
            record.Attributes.Next(out _, out var offset);
            found.Add((int.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture), OtlpAttributes.RecordUid(batch.Sources[0].SourceId, offset.Number, 0)));
        }

        return found;
    }

    /// <summary>Reads a message as any AMQP client could.</summary>
    public static LogBatch Batch(BasicGetResult message) => new()
    {
        Target = Header(message, BatchHeaders.Target),
        Node = Header(message, BatchHeaders.Node),
        Records = int.Parse(Header(message, BatchHeaders.Records), CultureInfo.InvariantCulture),
        Codec = BatchCompression.Parse(Header(message, BatchHeaders.Codec)),
        Crc = uint.Parse(Header(message, BatchHeaders.Crc), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        Sources = SourceRange.Parse(Header(message, BatchHeaders.Sources)),
        Body = message.Body.ToArray(),
    };

    private static string Header(BasicGetResult message, string name) =>
        message.BasicProperties.Headers![name] is byte[] bytes ? Encoding.UTF8.GetString(bytes) : throw new InvalidDataException($"No header {name}.");

    private void CountRefused(Meter meter)
    {
        _refused.Clear();
        _listener?.Dispose();
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meter && instrument.Name == "tributary.collector.batches.refused")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => _refused.AddOrUpdate((string)tags[0].Value!, value, (_, sum) => sum + value));
        _listener.Start();
    }

    public async ValueTask DisposeAsync()
    {
        _listener?.Dispose();
        Options.DrainTimeout = TimeSpan.Zero;
        await StopAsync();
        _folder.Dispose();
    }
}

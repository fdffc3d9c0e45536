using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Tributary.Contracts.Batches;
using Tributary.Testing;

namespace Tributary.Benchmarks.Runs;

/// <summary>
/// From writing a line to a confirmed batch: a consumer of the quorum queue gets a batch when the broker has it for good,
/// which is when it confirms, and compares with the time that each line carries.
/// </summary>
internal static class Latency
{
    private const int LinesPerSecond = 10_000;
    private const int Seconds = 10;
    private const int PercentileMilliseconds = 250;

    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(10);

    internal static async Task<ProbeResult> RunAsync(TempFolder folder, RabbitMq broker)
    {
        var queue = Contracts.Topology.DefaultQueue;
        await broker.EmptyAsync(queue);
        var path = folder.Combine("latency.log");
        using var state = new TempFolder("bench-latency");
        await using var output = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        await output.WriteAsync(Lines(1));
        var file = new BenchFile("latency", path, Contracts.LogFormat.Cri, 0, 0, 0, 0);
        await using var child = ChildProcess.Start(Repository.Combine("tributary"), Collect.Arguments(file, broker.Uri.OriginalString, state));
        await Eventually.TrueAsync(
            async () => child.HasExited || await broker.QueueLengthAsync(queue) > 0, TimeSpan.FromSeconds(60), "the first batch to arrive");
        await broker.EmptyAsync(queue);

        var found = new ConcurrentBag<double>();
        await using var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            Take(message.Body, Now(), found);
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer);
        await WriteAsync(output);
        await Eventually.TrueAsync(() => found.Count >= LinesPerSecond * Seconds, TimeSpan.FromSeconds(30), $"{LinesPerSecond * Seconds} lines, of which {found.Count} came");
        var sorted = found.Order().ToArray();
        var p99 = sorted[(int)(sorted.Length * 0.99)];
        return new ProbeResult(
            string.Create(CultureInfo.InvariantCulture, $"p50 {sorted[sorted.Length / 2]:0} ms, p99 {p99:0} ms, most {sorted[^1]:0} ms of {sorted.Length:N0} lines"),
            p99 < PercentileMilliseconds);
    }

    private static async Task WriteAsync(FileStream output)
    {
        using var timer = new PeriodicTimer(s_step);
        var start = Now();
        for (var written = 0; written < LinesPerSecond * Seconds;)
        {
            await timer.WaitForNextTickAsync();
            var due = (int)Math.Min((Now() - start) / 1e9 * LinesPerSecond, LinesPerSecond * Seconds) - written;
            await output.WriteAsync(Lines(due));
            written += due;
        }
    }

    private static byte[] Lines(int count)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffffff}00Z stdout F {new string('x', 160)}\n");
        return Encoding.ASCII.GetBytes(new StringBuilder().Insert(0, line, count).ToString());
    }

    private static void Take(ReadOnlyMemory<byte> message, double now, ConcurrentBag<double> found)
    {
        using var body = BatchCompression.Decompress(BatchCodec.Zstd, message);
        var records = new OtlpLogReader(body.Span);
        while (records.Next(out var record))
        {
            found.Add((now - record.TimeUnixNano) / 1e6);
        }
    }

    private static double Now() => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100.0;
}

using System.Diagnostics;
using RabbitMQ.Client;
using Tributary.Benchmarks.Runs;
using Tributary.Testing;

namespace Tributary.Benchmarks.Peers;

/// <summary>
/// syslog-ng's file source over the whole file, in a private syslog-ng. To a file it writes one byte a line, so that its end
/// is seen exactly; to RabbitMQ one message a line, persistent but without confirms, which it does not know. It parses
/// neither the runtime's format nor joins partial lines.
/// </summary>
internal static class SyslogNg
{
    private const string PeerQueue = "bench.peer";

    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(5);

    internal static async Task<Measured> ToNullAsync(BenchFile file)
    {
        using var folder = new TempFolder("bench-syslog-ng");
        var output = folder.Combine("out");
        return await RunAsync(
            file,
            folder,
            $$"""destination d { file("{{output}}" template("\n")); };""",
            () => Task.FromResult(File.Exists(output) && new FileInfo(output).Length >= file.Lines));
    }

    internal static async Task<Measured> ToRabbitMqAsync(BenchFile file, RabbitMq broker)
    {
        using var folder = new TempFolder("bench-syslog-ng");
        await using (var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync())
        {
            await channel.QueueDeclareAsync(PeerQueue, durable: true, exclusive: false, autoDelete: false);
            await channel.QueueBindAsync(PeerQueue, "amq.fanout", "");
        }

        var before = broker.CpuTime;
        var measured = await RunAsync(
            file,
            folder,
            $$"""
            destination d {
              amqp(host("127.0.0.1") port({{broker.Port}}) vhost("/") username("guest") password("guest")
                   exchange("amq.fanout") exchange-type("fanout") routing-key("") body("$MSG\n") persistent(yes));
            };
            """,
            async () => await broker.QueueLengthAsync(PeerQueue) >= file.Lines);
        var cpu = (broker.CpuTime - before).TotalSeconds;
        await broker.EmptyAsync(PeerQueue);
        return measured with { BrokerCpuSeconds = cpu };
    }

    private static async Task<Measured> RunAsync(BenchFile file, TempFolder folder, string destination, Func<Task<bool>> isDone)
    {
        var root = await UnpackedPackages.FolderAsync("syslog-ng", "syslog-ng-core", "syslog-ng-mod-amqp");
        var modules = Directory.GetDirectories(Path.Combine(root, "usr", "lib", "syslog-ng")).First(path => File.Exists(Path.Combine(path, "libafamqp.so")));
        var libraries = Directory.GetDirectories(Path.Combine(root, "usr", "lib"), "*-linux-gnu").Append(Path.GetDirectoryName(modules)!);
        var config = folder.Write(
            "syslog-ng.conf",
            $$"""
            @version: {{Path.GetFileName(modules)}}
            source s { file("{{file.Path}}" follow-freq(0.1) flags(no-parse) read-old-records(yes) log-fetch-limit(1000) log-iw-size(10000)); };
            {{destination}}
            log { source(s); destination(d); flags(flow-control); };

            """);
        var start = Stopwatch.GetTimestamp();
        await using var daemon = ChildProcess.Start(
            Path.Combine(root, "usr", "sbin", "syslog-ng"),
            ["-F", "--no-caps", "-f", config, "-R", folder.Combine("persist"), "-p", folder.Combine("pid"), "-c", folder.Combine("ctl"), $"--module-path={modules}"],
            new Dictionary<string, string?> { ["LD_LIBRARY_PATH"] = string.Join(':', libraries) });
        try
        {
            await Eventually.TrueAsync(async () => daemon.HasExited || await isDone(), s_timeout, "syslog-ng to read the file");
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException(e.Message + daemon.Tail(), e);
        }

        return daemon.HasExited
            ? throw new InvalidOperationException($"syslog-ng ended with exit code {daemon.ExitCode}.{daemon.Tail()}")
            : new Measured(Stopwatch.GetElapsedTime(start).TotalSeconds, daemon.CpuTime.TotalSeconds, daemon.PeakRssBytes);
    }
}

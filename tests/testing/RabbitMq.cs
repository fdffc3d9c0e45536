using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Tributary.Testing;

/// <summary>
/// A private RabbitMQ on loopback: own data, logs, cookie, ports, name server (epmd) and no plugins. Stopped and started
/// again it keeps its data and its port. When it does not come up, the error holds its log.
/// </summary>
public sealed class RabbitMq : IAsyncDisposable
{
    private const string Package = "rabbitmq-server";

    // Debian's wrapper in the PATH switches the user; these are the server's own scripts.
    private const string Scripts = "/usr/lib/rabbitmq/bin/";

    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan s_ctlTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_callPause = TimeSpan.FromMilliseconds(100);

    private const int CallsMax = 8;

    private readonly TempFolder _folder = new("rabbitmq");
    private readonly Dictionary<string, string?> _environment;
    private readonly string _cookie = Guid.NewGuid().ToString("N").ToUpperInvariant();
    private readonly int _epmdPort = FreePort.Next();
    private ChildProcess? _epmd;
    private ChildProcess? _server;

    private RabbitMq()
    {
        Port = FreePort.Next();
        var node = $"tributary-{Port}@localhost";
        WriteFiles();
        _environment = new Dictionary<string, string?>
        {
            ["HOME"] = _folder.MakeFolder("home"),
            ["RABBITMQ_NODENAME"] = node,
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = Port.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_DIST_PORT"] = FreePort.Next().ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_MNESIA_BASE"] = _folder.MakeFolder("data"),
            ["RABBITMQ_LOG_BASE"] = _folder.MakeFolder("log"),
            ["RABBITMQ_PID_FILE"] = _folder.Combine("pid"),
            ["RABBITMQ_CONFIG_FILE"] = _folder.Combine("rabbitmq.conf"),
            ["RABBITMQ_CONF_ENV_FILE"] = _folder.Combine("rabbitmq-env.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = _folder.Combine("enabled_plugins"),
            ["RABBITMQ_PLUGINS_EXPAND_DIR"] = _folder.Combine("plugins"),
            ["RABBITMQ_GENERATED_CONFIG_DIR"] = _folder.Combine("generated"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = _epmdPort.ToString(CultureInfo.InvariantCulture),

            // Lets the script replace itself by the server, so that a signal and the CPU time are the server's own.
            ["RUNNING_UNDER_SYSTEMD"] = "true",
            ["NOTIFY_SOCKET"] = null,
        };
    }

    public int Port { get; }

    /// <summary>With user, password and the default virtual host.</summary>
    public Uri Uri => new($"amqp://guest:guest@127.0.0.1:{Port}/");

    public bool IsRunning => _server is { HasExited: false };

    /// <summary>CPU time of the server since its last start.</summary>
    public TimeSpan CpuTime => _server?.CpuTime ?? TimeSpan.Zero;

    /// <exception cref="InvalidOperationException">It is not installed, or ended while starting.</exception>
    /// <exception cref="TimeoutException">It was not ready within two minutes.</exception>
    public static async Task<RabbitMq> StartAsync()
    {
        InstalledProgram.Find(Scripts + "rabbitmq-server", Package);
        var broker = new RabbitMq();
        try
        {
            await broker.StartAgainAsync();
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Terminate closes it cleanly, Kill is a crash. Data and port stay.</summary>
    public async Task StopAsync(UnixSignal signal = UnixSignal.Terminate)
    {
        if (_server is not null)
        {
            await _server.EndAsync(signal);
            await _server.DisposeAsync();
            _server = null;
        }
    }

    /// <summary>On the same data and port; ends when connections are accepted.</summary>
    public async Task StartAgainAsync()
    {
        if (_server is not null)
        {
            throw new InvalidOperationException("RabbitMQ runs already.");
        }

        _epmd ??= ChildProcess.Start(
            InstalledProgram.Find("epmd", "erlang-base"), ["-address", "127.0.0.1", "-port", $"{_epmdPort}"], _environment);
        await Eventually.TrueAsync(() => AcceptsAsync(_epmdPort), TimeSpan.FromSeconds(10), "epmd to listen");
        _server = ChildProcess.Start(Scripts + "rabbitmq-server", [], _environment, _folder);
        try
        {
            await _server.WaitForLineAsync(line => line.Contains("completed with", StringComparison.Ordinal), s_startTimeout);
            await Eventually.TrueAsync(() => AcceptsAsync(Port), TimeSpan.FromSeconds(10), "RabbitMQ to accept connections");
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            throw new InvalidOperationException($"RabbitMQ did not come up: {e.Message}{Environment.NewLine}{LogTail()}", e);
        }
    }

    /// <summary>It keeps its connections and answers nothing more, until <see cref="Resume"/>.</summary>
    public void Freeze() => _server!.Signal(UnixSignal.Stop);

    public void Resume() => _server!.Signal(UnixSignal.Continue);

    /// <summary>rabbitmqctl for this node; its output. Costs about two CPU-seconds.</summary>
    public Task<string> CtlAsync(params string[] args) =>
        ChildProcess.RunAsync(Scripts + "rabbitmqctl", ["--quiet", .. args], s_ctlTimeout, _environment);

    /// <summary>Raises or lifts the memory alarm, which blocks publishers; ends when the broker has it so.</summary>
    public async Task SetMemoryAlarmAsync(bool on)
    {
        await EvaluateAsync($"vm_memory_monitor:set_vm_memory_high_watermark({(on ? "0" : "0.4")})");
        await Eventually.TrueAsync(
            async () => await EvaluateAsync("rabbit_alarm:get_alarms() =/= []") == (on ? "true" : "false"),
            TimeSpan.FromSeconds(20),
            on ? "the memory alarm" : "the end of the memory alarm");
    }

    /// <summary>
    /// Messages in a queue of the default virtual host, ready and unacknowledged; null when there is no such queue. A quorum
    /// queue's leader is asked itself, as its published figures are up to 5 s old.
    /// </summary>
    public async Task<long?> QueueLengthAsync(string name)
    {
        var length = await EvaluateAsync(
            $$"""
            case rabbit_amqqueue:lookup({resource, <<"/">>, queue, <<"{{name}}">>}) of
                {ok, Q} ->
                    case amqqueue:get_type(Q) of
                        rabbit_quorum_queue ->
                            {ok, {_, N}, _} = ra:leader_query(amqqueue:get_pid(Q), fun rabbit_fifo:query_messages_total/1),
                            N;
                        _ ->
                            [{messages, M}] = rabbit_amqqueue:info(Q, [messages]),
                            M
                    end;
                {error, not_found} -> none
            end
            """);
        return length == "none" ? null : long.Parse(length, CultureInfo.InvariantCulture);
    }

    /// <summary>Takes the ready messages out of a queue of the default virtual host; nothing happens when there is no such queue.</summary>
    public async Task EmptyAsync(string name)
    {
        if (await QueueLengthAsync(name) is not null)
        {
            await CtlAsync("purge_queue", name);
            await Eventually.TrueAsync(async () => await QueueLengthAsync(name) == 0, s_ctlTimeout, $"{name} to be empty");
        }
    }

    /// <summary>
    /// Writes what the broker keeps of its queues' names to disk. It does so by itself some 5 s after a declare; a SIGKILL
    /// before that loses a new quorum queue's confirmed messages (RabbitMQ 3.10: the queue comes back as a new one).
    /// </summary>
    public Task SyncQueueNamesAsync() =>
        EvaluateAsync("mnesia:sync_log(), dets:sync(ra_directory_reverse), dets:sync(ra_log_meta)");

    /// <summary>
    /// The value of an Erlang expression (without its full stop) inside the broker. It is asked by erl_call, a small C program:
    /// some milliseconds where rabbitmqctl starts an Erlang of its own.
    /// </summary>
    public async Task<string> EvaluateAsync(string erlang)
    {
        var answer = await CallAsync(erlang);
        for (var tries = 1; answer is null; tries++)
        {
            if (tries == CallsMax)
            {
                throw new InvalidOperationException($"RabbitMQ's node took no connection in {CallsMax} tries, for {erlang}");
            }

            // A node that is busy or just up may not take the connection at once; nothing was evaluated then.
            await Task.Delay(s_callPause * tries);
            answer = await CallAsync(erlang);
        }

        var match = Regex.Match(answer, @"^\{ok,\s*(.*)\}\s*$", RegexOptions.Singleline);
        return match.Success ? match.Groups[1].Value : throw new InvalidOperationException($"RabbitMQ answered {answer} to {erlang}");
    }

    /// <summary>Null when the node took no connection.</summary>
    private async Task<string?> CallAsync(string erlang)
    {
        try
        {
            return await ChildProcess.RunAsync(
                InstalledProgram.Find("erl_call", "erlang-base"),
                ["-c", _cookie, "-sname", _environment["RABBITMQ_NODENAME"]!, "-e"],
                s_ctlTimeout, _environment, erlang + ".\n");
        }
        catch (InvalidOperationException e) when (e.Message.Contains("failed to connect", StringComparison.Ordinal))
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_epmd is not null)
        {
            // epmd keeps running on SIGTERM while a name is registered; there is nothing to save.
            await _epmd.EndAsync(UnixSignal.Kill);
            await _epmd.DisposeAsync();
            _epmd = null;
        }

        _folder.Dispose();
    }

    private static async Task<bool> AcceptsAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        return true;
    }

    private void WriteFiles()
    {
        _folder.Write(
            "rabbitmq.conf",
            """
            disk_free_limit.absolute = 50MB
            log.file.level = info
            """);
        _folder.Write("rabbitmq-env.conf", "");
        _folder.Write("enabled_plugins", "[].\n");
        var cookie = _folder.Write("home/.erlang.cookie", _cookie);
        File.SetUnixFileMode(cookie, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private string LogTail()
    {
        var logs = Directory.EnumerateFiles(_folder.Combine("log"), "*.log").SelectMany(File.ReadLines).TakeLast(60);
        return string.Join(Environment.NewLine, logs.Select(line => "  | " + line));
    }
}

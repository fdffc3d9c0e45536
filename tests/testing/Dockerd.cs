namespace Tributary.Testing;

/// <summary>
/// A private Docker Engine with a containerd of its own: own data, run folder and socket, no bridge and no iptables rules
/// (containers have no network). Needs root. Stopped and started again it keeps images and containers.
/// Disposing ends every container, shim and mount it made.
/// </summary>
public sealed class Dockerd : IAsyncDisposable
{
    /// <summary>The image <see cref="ImportBusyboxAsync"/> makes.</summary>
    public const string Busybox = "busybox:test";

    private const string Package = "docker.io";

    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_commandTimeout = TimeSpan.FromSeconds(120);

    private readonly TempFolder _folder = new("dockerd");
    private readonly string _containerdSocket;
    private readonly bool _liveRestore;
    private ChildProcess? _containerd;
    private ChildProcess? _daemon;

    private Dockerd(bool liveRestore)
    {
        _liveRestore = liveRestore;
        _containerdSocket = _folder.Combine("c.sock");
        SocketPath = _folder.Combine("d.sock");
        if (SocketPath.Length > 100)
        {
            throw new InvalidOperationException($"The temporary folder's path is too long for a Unix socket ({SocketPath}): set TMPDIR to a shorter one.");
        }
    }

    /// <summary>The Engine API's Unix socket.</summary>
    public string SocketPath { get; }

    /// <summary><c>unix://…</c>, the form of <c>DOCKER_HOST</c>.</summary>
    public Uri Uri => new("unix://" + SocketPath);

    /// <summary>Where it keeps <c>containers/ID/ID-json.log</c>.</summary>
    public string DataRoot => _folder.Combine("data");

    public bool IsRunning => _daemon is { HasExited: false };

    /// <summary>With <paramref name="liveRestore"/> containers run on while the daemon is stopped.</summary>
    /// <exception cref="InvalidOperationException">Not installed, not root, or it ended while starting.</exception>
    /// <exception cref="TimeoutException">It did not answer within a minute.</exception>
    public static async Task<Dockerd> StartAsync(bool liveRestore = false)
    {
        InstalledProgram.Find("dockerd", Package);
        InstalledProgram.Find("docker", Package);
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("dockerd needs root: run the tests as root or by sudo.");
        }

        var engine = new Dockerd(liveRestore);
        try
        {
            await engine.StartAgainAsync();
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>On the same data and socket; ends when the Engine API answers.</summary>
    public async Task StartAgainAsync()
    {
        if (_daemon is not null)
        {
            throw new InvalidOperationException("dockerd runs already.");
        }

        _containerd ??= ChildProcess.Start(
            InstalledProgram.Find("containerd", "containerd"),
            ["--config", WriteContainerdConfig(), "--root", _folder.Combine("containerd"), "--state", _folder.Combine("c"), "--address", _containerdSocket],
            workingFolder: _folder);
        await CameUpAsync(_containerd, () => Task.FromResult(File.Exists(_containerdSocket)), "containerd");
        _daemon = ChildProcess.Start(InstalledProgram.Find("dockerd", Package), DaemonArguments(), workingFolder: _folder);
        await CameUpAsync(_daemon, async () => (await DockerAsync("version", "--format", "{{.Server.Version}}")).Length > 0, "dockerd");
    }

    /// <summary>Terminate stops its containers first (unless live restore is on); Kill is a crash that leaves them running.</summary>
    public async Task StopAsync(UnixSignal signal = UnixSignal.Terminate)
    {
        if (_daemon is not null)
        {
            await _daemon.EndAsync(signal);
            await _daemon.DisposeAsync();
            _daemon = null;
        }
    }

    /// <summary>The docker command line on this engine; its output.</summary>
    public Task<string> DockerAsync(params string[] args) =>
        ChildProcess.RunAsync(
            InstalledProgram.Find("docker", Package), ["--host", Uri.OriginalString, .. args], s_commandTimeout,
            new Dictionary<string, string?> { ["HOME"] = _folder, ["DOCKER_CONTEXT"] = null });

    /// <summary>Makes the image <see cref="Busybox"/> from the static busybox with a link for each of its commands.</summary>
    public async Task ImportBusyboxAsync()
    {
        var busybox = InstalledProgram.Find("busybox", "busybox-static");
        var root = _folder.MakeFolder("busybox");
        var bin = _folder.MakeFolder("busybox", "bin");
        _folder.MakeFolder("busybox", "tmp");
        File.Copy(busybox, Path.Combine(bin, "busybox"), overwrite: true);
        var commands = await ChildProcess.RunAsync(busybox, ["--list"], s_commandTimeout);
        foreach (var command in commands.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(name => name != "busybox"))
        {
            if (!File.Exists(Path.Combine(bin, command)))
            {
                File.CreateSymbolicLink(Path.Combine(bin, command), "busybox");
            }
        }

        var archive = _folder.Combine("busybox.tar");
        await ChildProcess.RunAsync("tar", ["--create", "--file", archive, "--directory", root, "."], s_commandTimeout);
        await DockerAsync("import", "--change", "ENV PATH=/bin", archive, Busybox);
        File.Delete(archive);
    }

    /// <summary><c>docker run --detach ARGS</c>; the container's id.</summary>
    public async Task<string> RunAsync(params string[] args) => (await DockerAsync(["run", "--detach", .. args])).Trim();

    /// <summary>Ends the container and removes it with its log.</summary>
    public Task RemoveAsync(string container) => DockerAsync("rm", "--force", "--volumes", container);

    public async ValueTask DisposeAsync()
    {
        await KillContainersAsync();
        await StopAsync();
        if (_containerd is not null)
        {
            await _containerd.DisposeAsync();
            _containerd = null;
        }

        _folder.Dispose();
    }

    // Spares dockerd the 10 s it would grant each container to end; what stays, the end of containerd kills.
    private async Task KillContainersAsync()
    {
        if (!IsRunning)
        {
            return;
        }

        try
        {
            var containers = (await DockerAsync("ps", "--quiet", "--no-trunc")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (containers.Length > 0)
            {
                await DockerAsync(["kill", .. containers]);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            // One of them ended by itself in between, or the daemon did.
        }
    }

    private static async Task CameUpAsync(ChildProcess process, Func<Task<bool>> answers, string name)
    {
        try
        {
            await Eventually.TrueAsync(async () => process.HasExited || await answers(), s_startTimeout, name + " to answer");
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{name} did not come up: {e.Message}{process.Tail()}", e);
        }

        if (process.HasExited)
        {
            throw new InvalidOperationException($"{name} did not come up: it ended with exit code {process.ExitCode}.{process.Tail()}");
        }
    }

    private List<string> DaemonArguments()
    {
        List<string> args =
        [
            "--config-file", _folder.Write("daemon.json", "{}"),
            "--data-root", DataRoot,
            "--exec-root", _folder.Combine("x"),
            "--pidfile", _folder.Combine("dockerd.pid"),
            "--host", Uri.OriginalString,
            "--containerd", _containerdSocket,
            "--bridge=none",
            "--iptables=false",
            "--ip-forward=false",
            "--exec-opt", "native.cgroupdriver=cgroupfs",
        ];
        if (_liveRestore)
        {
            args.Add("--live-restore");
        }

        return args;
    }

    private string WriteContainerdConfig() =>
        _folder.Write("containerd.toml", "version = 2\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n");
}

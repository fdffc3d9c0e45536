using Tributary.Benchmarks.Corpora;
using Tributary.Benchmarks.Peers;
using Tributary.Benchmarks.Runs;
using Tributary.Contracts;
using Tributary.Testing;

namespace Tributary.Benchmarks;

/// <summary>
/// Owns the generated files and the private broker of one benchmark. The rows take turns within each repetition, so that a
/// slow minute of the machine falls on all of them.
/// </summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly BenchOptions _options;
    private readonly TempFolder _folder = new("bench");
    private readonly CorpusFiles _corpora;
    private readonly List<BenchRow> _rows = [];
    private readonly List<Probe> _probes = [];
    private RabbitMq? _broker;

    internal Bench(BenchOptions options)
    {
        _options = options;
        _corpora = new CorpusFiles(_folder);
        AddRows();
        AddProbes();
        if (_rows.Count + _probes.Count == 0)
        {
            throw new InvalidOperationException($"No row's name contains \"{_options.Filter}\".");
        }
    }

    internal IEnumerable<BenchFile> Corpora => _corpora.Written;

    internal IReadOnlyList<BenchRow> Rows => _rows;

    internal IReadOnlyList<Probe> Probes => _probes;

    /// <summary>Null when no row needed a broker.</summary>
    internal string? BrokerVersion { get; private set; }

    internal async Task RunAsync()
    {
        for (var repetition = 1; repetition <= _options.Repetitions; repetition++)
        {
            foreach (var row in _rows)
            {
                var measured = await row.RunAsync();
                Console.WriteLine(measured is null
                    ? $"{repetition}/{_options.Repetitions}  {row.Name}: FAILED: {row.Failure}"
                    : $"{repetition}/{_options.Repetitions}  {row.Name}: {measured.CpuSeconds:0.00} CPU-s");
            }
        }

        foreach (var probe in _probes)
        {
            Console.WriteLine($"{probe.Name}: {(await probe.RunAsync()).Found}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        _folder.Dispose();
    }

    private void AddRows()
    {
        var lines = _options.Lines;
        var cri = _corpora.Plain("CRI", LogFormat.Cri, lines);
        var criHalf = _corpora.Plain("CRI, half", LogFormat.Cri, lines / 2);
        var criTenth = _corpora.Plain("CRI, a tenth", LogFormat.Cri, lines / 10);
        var criTwentieth = _corpora.Plain("CRI, a twentieth", LogFormat.Cri, lines / 20);
        var docker = _corpora.Plain("docker json", LogFormat.Docker, lines);
        var dockerTenth = _corpora.Plain("docker json, a tenth", LogFormat.Docker, lines / 10);
        var hundred = _corpora.Spread("CRI, 100 files", LogFormat.Cri, lines / 2, 100);
        var java = _corpora.Framed("java traces over CRI", lines / 2, JavaTraces.Write);
        var nginx = _corpora.Framed("nginx over CRI", lines / 4, NginxAccess.Write);
        var nothing = _corpora.Plain("nothing", LogFormat.Cri, 0);

        Add("wc -l, CRI", cri, null, WordCount.RunAsync);
        Add("rsyslog imfile, CRI", criTenth, null, Rsyslog.RunAsync);
        Add("syslog-ng file, CRI", criTenth, null, SyslogNg.ToNullAsync);
        Add("tributary, an empty file to null", nothing, null, file => Collect.ToNullAsync(file, "none"));
        Add("tributary, CRI to null", cri, new Goal(6_000_000), file => Collect.ToNullAsync(file, "none"));
        Add("tributary, CRI to null, zstd", criHalf, null, file => Collect.ToNullAsync(file, "zstd"));
        Add("rsyslog imfile, docker json", dockerTenth, null, Rsyslog.RunAsync);
        Add("tributary, docker json to null", docker, new Goal(4_000_000), file => Collect.ToNullAsync(file, "none"));
        Add("syslog-ng amqp without confirms, CRI to RabbitMQ", criTwentieth, null, async file => await SyslogNg.ToRabbitMqAsync(file, await BrokerAsync()));
        var one = Add("tributary, CRI to RabbitMQ, zstd", criHalf, new Goal(1_500_000), async file => await Collect.ToRabbitMqAsync(file, await BrokerAsync(), "zstd"));
        Add("tributary, CRI to RabbitMQ, uncompressed", criHalf, new Goal(3_000_000), async file => await Collect.ToRabbitMqAsync(file, await BrokerAsync(), "none"));
        Add("tributary, 100 CRI files to RabbitMQ, zstd", hundred, new Goal(0, one), async file => await Collect.ToRabbitMqAsync(file, await BrokerAsync(), "zstd"));
        Add("tributary, java traces to null", java, new Goal(2_500_000), file => Collect.ToNullAsync(file, "none", Rules("java", JavaTraces.Rules)));
        Add("tributary, nginx parsed, a drop rule, to RabbitMQ, zstd", nginx, new Goal(700_000), async file =>
            await Collect.ToRabbitMqAsync(file, await BrokerAsync(), "zstd", Rules("nginx", NginxAccess.Rules)));
    }

    private void AddProbes()
    {
        var half = _corpora.Plain("CRI, for two cores", LogFormat.Cri, _options.Lines / 2);
        var idle = _corpora.Spread("idle", LogFormat.Cri, IdleFiles.Files * 10, IdleFiles.Files);
        Add(new Probe("two cores, CRI to null, zstd", "1.8 times one core", () => TwoCores.RunAsync(half.Value)));
        Add(new Probe($"{IdleFiles.Files:N0} idle files", "under 2% of one core and 250 MB", () => IdleFiles.RunAsync(idle.Value)));
        Add(new Probe("write to confirm at 10,000 lines/s", "p99 under 250 ms", async () => await Latency.RunAsync(_folder, await BrokerAsync())));
    }

    private BenchRow Add(string name, Lazy<BenchFile> file, Goal? goal, Func<BenchFile, Task<Measured>> run)
    {
        var row = new BenchRow(name, file, goal, run);
        if (IsWanted(name))
        {
            _rows.Add(row);
        }

        return row;
    }

    private void Add(Probe probe)
    {
        if (IsWanted(probe.Name))
        {
            _probes.Add(probe);
        }
    }

    private bool IsWanted(string name) => _options.Filter is null || name.Contains(_options.Filter, StringComparison.OrdinalIgnoreCase);

    private string Rules(string name, string text) => _folder.Write($"{name}.yaml", text);

    private async Task<RabbitMq> BrokerAsync()
    {
        if (_broker is null)
        {
            _broker = await RabbitMq.StartAsync();
            BrokerVersion = (await _broker.EvaluateAsync("rabbit_misc:version()")).Trim('"');
        }

        return _broker;
    }
}

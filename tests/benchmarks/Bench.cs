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
    private const int Seed = 20_261_121;

    private readonly BenchOptions _options;
    private readonly TempFolder _folder = new("bench");
    private readonly List<BenchRow> _rows = [];
    private RabbitMq? _broker;

    private Bench(BenchOptions options) => _options = options;

    internal List<CorpusFile> Corpora { get; } = [];

    /// <summary>Null when no row needs a broker.</summary>
    internal string? BrokerVersion { get; private set; }

    internal static async Task<Bench> PrepareAsync(BenchOptions options)
    {
        var bench = new Bench(options);
        try
        {
            await bench.PrepareAsync();
            return bench;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    internal async Task<IReadOnlyList<BenchRow>> RunAsync()
    {
        for (var repetition = 1; repetition <= _options.Repetitions; repetition++)
        {
            foreach (var row in _rows)
            {
                var measured = await row.RunAsync();
                Console.WriteLine($"{repetition}/{_options.Repetitions}  {row.Name}: {measured.WallSeconds:0.00} s, {measured.CpuSeconds:0.00} CPU-s");
            }
        }

        return _rows;
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task PrepareAsync()
    {
        Console.WriteLine($"generating {_options.Lines:N0} lines as CRI and as docker json-file");
        var corpus = new Corpus(Seed);
        foreach (var (format, label) in new[] { (LogFormat.Cri, "CRI"), (LogFormat.Docker, "docker json") })
        {
            var file = corpus.Write(_folder.Combine(format + ".log"), format, _options.Lines);
            Corpora.Add(file);
            Add($"wc -l, {label}", file, hasGoal: false, () => WordCount.RunAsync(file));
            Add($"rsyslog imfile, {label}", file, hasGoal: false, () => Rsyslog.RunAsync(file));
            Add($"tributary collect, {label}, to null", file, hasGoal: false, () => Collect.ToNullAsync(file));
            Add($"tributary collect, {label}, to RabbitMQ", file, hasGoal: true, () => Collect.ToRabbitMqAsync(file, _broker!));
        }

        if (_rows.Count == 0)
        {
            throw new InvalidOperationException($"No row's name contains \"{_options.Filter}\".");
        }

        if (_rows.Any(row => row.HasGoal))
        {
            _broker = await RabbitMq.StartAsync();
            BrokerVersion = (await _broker.EvaluateAsync("rabbit_misc:version()")).Trim('"');
        }
    }

    private void Add(string name, CorpusFile file, bool hasGoal, Func<Task<Measured>> run)
    {
        if (_options.Filter is null || name.Contains(_options.Filter, StringComparison.OrdinalIgnoreCase))
        {
            _rows.Add(new BenchRow(name, file, hasGoal, run));
        }
    }
}

using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tributary.Collector;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Draining;
using Tributary.Collector.Publishing;
using Tributary.Collector.Records;
using Tributary.Collector.Tailing;
using Tributary.Contracts;
using Tributary.Contracts.Batches;
using Tributary.Hosting;
using Tributary.Testing;
using Xunit;
using LogFormat = Tributary.Contracts.LogFormat;

namespace Tributary.Tests.Unit.Collector;

/// <summary>
/// A collector over real files in a folder of its own, with a scripted next hop, wired as in production. It can be
/// stopped cleanly, or killed: then the next start finds the disk as it was at that moment. Delivered records
/// accumulate over all starts.
/// </summary>
internal sealed class CollectorRig : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TempFolder _folder = new("collector");
    private readonly List<Delivered> _earlier = [];
    private readonly List<SourceSpec> _sources = [];
    private ServiceProvider? _services;
    private CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;
    private Task _telling = Task.CompletedTask;
    private int _starts;

    public CollectorRig()
    {
        Logs = _folder.MakeFolder("logs");
        State = _folder.Combine("state");
    }

    /// <summary>Fast, and patient where a test would else depend on time.</summary>
    public CollectorOptions Options { get; } = new()
    {
        PollInterval = TimeSpan.FromMilliseconds(2),
        RescanInterval = TimeSpan.FromMilliseconds(4),
        BatchAgeMax = TimeSpan.FromMilliseconds(4),
        CheckpointInterval = TimeSpan.FromMilliseconds(2),
        CloseAfterQuiet = TimeSpan.FromMilliseconds(200),
        UnterminatedAfter = TimeSpan.FromSeconds(60),
        Codec = BatchCodec.None,
    };

    /// <summary>Takes what is said of drained sources; set before the start, or nobody is told.</summary>
    public Func<SourceDrained, CancellationToken, Task>? Tell { get; set; }

    public string Logs { get; }

    public string State { get; private set; }

    public ScriptedPublisher Publisher { get; private set; } = new();

    public CapturedLogs Log { get; } = new();

    public IServiceProvider Services => _services!;

    public TailLoop Tail => _services!.GetRequiredService<TailLoop>();

    public GoneFiles Gone => _services!.GetRequiredService<GoneFiles>();

    public RuleCatalog Rules => _services!.GetRequiredService<RuleCatalog>();

    public ILogger<T> LoggerOf<T>() => _services!.GetRequiredService<ILogger<T>>();

    public CollectorMetrics Metrics => _services!.GetRequiredService<CollectorMetrics>();

    /// <summary>Whether everything that was read is confirmed, and remembered on the disk.</summary>
    public bool IsSaved => Tail.Status is { LagBytes: 0, Sources.Count: > 0 } && _services!.GetRequiredService<Checkpointer>().IsClean;

    /// <summary>Whether the meter is this rig's, not that of a test that runs beside.</summary>
    public bool Owns(System.Diagnostics.Metrics.Meter meter) => _services is not null && Metrics.Meter == meter;

    /// <summary>All that was delivered, over all starts.</summary>
    public IReadOnlyList<Delivered> Records => [.. _earlier, .. Publisher.Records];

    public string File(string name) => Path.Combine(Logs, name);

    /// <summary>Appends bytes, one a character.</summary>
    public string Append(string name, string text)
    {
        using var file = new FileStream(File(name), FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Write(Encoding.Latin1.GetBytes(text));
        return File(name);
    }

    /// <summary>Follows a file of the folder; a later start follows it again.</summary>
    public SourceSpec Follow(string name, LogFormat format = LogFormat.Raw, string target = "default", Func<SourceSpec, SourceSpec>? also = null)
    {
        var spec = new SourceSpec { Key = $"{name}/{target}", DisplayName = name, Path = File(name), Format = format, Target = target };
        return Follow(also is null ? spec : also(spec));
    }

    /// <inheritdoc cref="Follow(string, LogFormat, string, Func{SourceSpec, SourceSpec})"/>
    public SourceSpec Follow(SourceSpec spec)
    {
        _sources.RemoveAll(s => s.Key == spec.Key);
        _sources.Add(spec);
        if (_services is not null)
        {
            Tail.Follow(spec);
        }

        return spec;
    }

    /// <summary>The source is not declared any more, nor at a later start.</summary>
    public void Unfollow(SourceSpec spec)
    {
        _sources.Remove(spec);
        if (_services is not null)
        {
            Tail.Remove(spec);
        }
    }

    /// <summary>Declares all sources anew.</summary>
    public void FollowAgain(Func<SourceSpec, SourceSpec> change) => _sources.ToList().ForEach(s => Follow(change(s)));

    /// <summary>The next start follows nothing by itself.</summary>
    public void ForgetSources() => _sources.Clear();

    public void Start()
    {
        var node = new NodeOptions { Name = "test-node", State = State };
        var services = new ServiceCollection();
        services.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(Log));
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(node);
        services.AddSingleton<IBatchPublisher>(Publisher);
        services.AddCollectorCore(node, Options);
        if (Tell is not null)
        {
            services.AddDraining(node);
        }

        var provider = services.BuildServiceProvider();
        var tail = provider.GetRequiredService<TailLoop>();
        _services = provider;
        _starts++;
        _sources.ForEach(tail.Follow);
        _stop = new CancellationTokenSource();
        _run = Task.Run(() => tail.RunAsync(_stop.Token));
        _telling = Tell is null ? Task.CompletedTask : Task.Run(() => provider.GetRequiredService<DrainLedger>().RunAsync(Tell, _stop.Token));
    }

    /// <summary>A clean stop, with its drain.</summary>
    public async Task StopAsync()
    {
        if (_services is null)
        {
            return;
        }

        await _stop.CancelAsync();
        await _run.WaitAsync(Patience);
        await _telling.WaitAsync(Patience);
        await _services.DisposeAsync();
        _services = null;
        _earlier.AddRange(Publisher.Records);
        var next = new ScriptedPublisher();
        Publisher = next;
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        Start();
    }

    /// <summary>As SIGKILL leaves it: nothing more is published, and the state is what the disk holds now.</summary>
    public async Task KillAsync()
    {
        Publisher.Die();
        var copy = _folder.MakeFolder("state" + _starts, "collector");
        foreach (var file in Directory.GetFiles(Path.Combine(State, "collector")).Where(f => Path.GetFileName(f) != "lock"))
        {
            try
            {
                System.IO.File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            }
            catch (FileNotFoundException)
            {
                // A temporary file that has its name by now, or a generation that is over.
            }
        }

        if (Options.SpoolPath.Length > 0)
        {
            var spool = _folder.MakeFolder("spool" + _starts);
            foreach (var segment in Directory.GetFiles(Options.SpoolPath, "spool-*.seg"))
            {
                CopyIfThere(segment, Path.Combine(spool, Path.GetFileName(segment)));
            }

            Options.SpoolPath = spool;
        }

        var patience = Options.DrainTimeout;
        Options.DrainTimeout = TimeSpan.Zero;
        await StopAsync();
        Options.DrainTimeout = patience;
        State = Path.GetDirectoryName(copy)!;
    }

    public T Get<T>()
        where T : class => _services!.GetRequiredService<T>();

    /// <summary>Turns the disk spool on, in a folder of its own.</summary>
    public void UseSpool() => Options.SpoolPath = _folder.Combine("spool");

    private static void CopyIfThere(string from, string to)
    {
        try
        {
            System.IO.File.Copy(from, to);
        }
        catch (FileNotFoundException)
        {
            // Its batches were confirmed meanwhile.
        }
    }

    /// <summary>Waits for a condition, and fails at once when the loop does.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException($"Waited in vain for {what}. {Records.Count} records came. Warnings: {string.Join(" | ", Log.Of(LogLevel.Warning).Concat(Log.Of(LogLevel.Error)).Take(10))}");
            }

            await Task.Delay(2);
        }
    }

    /// <summary>Waits until so many different records came.</summary>
    public Task UntilRecordsAsync(int count) =>
        UntilAsync(() => Records.Select(r => r.Uid).Distinct().Count() >= count, $"{count} records");

    /// <summary>Waits until exactly these texts came, stops cleanly, and checks that nothing came twice.</summary>
    public async Task ExpectAsync(params IEnumerable<string> texts)
    {
        await UntilRecordsAsync(texts.Count());
        await StopAsync();
        AssertNoError();
        AssertTexts(texts, Records);
        Assert.Equal(Records.Count, Records.Select(r => r.Uid).Distinct().Count());
    }

    /// <summary>Like <see cref="ExpectAsync"/>, but repeats are allowed if they share the uid, and nothing else does.</summary>
    public async Task ExpectWithRepeatsAsync(params IEnumerable<string> texts)
    {
        await UntilRecordsAsync(texts.Count());
        await StopAsync();
        AssertNoError();
        AssertTexts(texts, Records.DistinctBy(r => (r.Uid, r.Text)));
        Assert.All(Records.GroupBy(r => r.Uid), twins => Assert.Single(twins.Select(r => r.Text).Distinct()));
    }

    public void AssertNoError() => Assert.DoesNotContain(Log.Of(LogLevel.Error), e => e.Contains("round", StringComparison.Ordinal) || e.Contains("not foreseen", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        Options.DrainTimeout = TimeSpan.Zero;
        await StopAsync();
        _stop.Dispose();
        _folder.Dispose();
    }

    private static void AssertTexts(IEnumerable<string> expected, IEnumerable<Delivered> actual)
    {
        string[] wanted = [.. expected.Order(StringComparer.Ordinal)];
        string[] came = [.. actual.Select(r => r.Text).Order(StringComparer.Ordinal)];
        var missing = wanted.Except(came).Take(3).Select(Short);
        var more = came.Except(wanted).Take(3).Select(Short);
        Assert.True(wanted.SequenceEqual(came), $"{wanted.Length} texts expected, {came.Length} came. Missing: {string.Join(" | ", missing)}. Unexpected: {string.Join(" | ", more)}.");
    }

    private static string Short(string text) => text.Length <= 60 ? $"'{text}'" : $"'{text[..60]}…' ({text.Length})";
}

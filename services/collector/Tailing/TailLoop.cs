using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tributary.Collector.Answering;
using Tributary.Collector.Batching;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Counting;
using Tributary.Collector.Draining;
using Tributary.Collector.Feeds;
using Tributary.Collector.Limits;
using Tributary.Collector.Publishing;
using Tributary.Collector.Records;
using Tributary.Hosting.Health;

namespace Tributary.Collector.Tailing;

/// <summary>
/// The collector's heart: one loop that owns all files. A round applies what discovery said, takes confirms, looks at
/// paths and sizes when due, gives each file with new bytes one quantum, and closes batches by size or age. It stops
/// reading when a target's window or the node's bytes are full, so the disk is the buffer. Everything here runs on the
/// loop; publishing and saving run beside it and only hand results back. It is one file because a round is one order of
/// steps over the same files, and what a step may rely on is what the ones before it left.
/// </summary>
internal sealed partial class TailLoop(
    CollectorOptions options,
    PublishWindow window,
    FileOpener opener,
    FileAdmission open,
    HeldFiles held,
    GoneFiles gone,
    Checkpointer checkpointer,
    RuleCatalog rules,
    FeedSet feeds,
    ChangeHints hints,
    CollectorMetrics metrics,
    TimeProvider time,
    ILogger<TailLoop> logger,
    DrainWatch? drains = null) : IDisposable
{
    private static readonly TimeSpan SilenceAfter = TimeSpan.FromSeconds(10);

    /// <summary>How often it is looked for what was compressed since it was rotated, well within the tombstones' age.</summary>
    private static readonly TimeSpan CompressedInterval = TimeSpan.FromMinutes(10);

    /// <summary>Polls that are one round while every source is idle: walking thousands of them costs more than looking at some.</summary>
    private const int QuietRounds = 5;

    /// <summary>Tries to read what is only to be drained.</summary>
    internal const int FailuresMax = 5;

    private readonly RateLimits _limits = new(options.NamespaceRateLimit, rules, time);
    private readonly FileReader _reader = new(options, rules, metrics, time);
    private readonly ConcurrentQueue<SourceChange> _changes = new();
    private readonly LoopQuestions<IReadOnlyList<FollowedSource>> _questions = new();
    private readonly Dictionary<string, FollowedSource> _sources = new(StringComparer.Ordinal);
    private readonly List<FollowedSource> _order = [];
    private readonly QuietTurns _polls = new(options.PollInterval, TimeSpan.FromSeconds(2));
    private readonly QuietTurns _scans = new(options.RescanInterval, 5 * options.RescanInterval);
    private readonly FairTurns _turns = new(options.BatchBytesMax / BatchBuilder.FilesMax);
    private readonly HashSet<FollowedSource> _hinted = [];
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _abandon = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastPoll = long.MinValue;
    private long _lastScan = long.MinValue;
    private long _lastCompressed = time.GetTimestamp();
    private bool _silent;
    private bool _quiet;
    private OpenBatches? _batches;

    /// <summary>Late when the loop hangs.</summary>
    public LoopTick Health { get; } = new("tail", TimeSpan.FromSeconds(30), time);

    /// <summary>What is followed, renewed about once a second.</summary>
    public TailStatus Status { get; private set; } = TailStatus.Empty;

    /// <summary>Completes when every source was read to its end, confirmed and remembered.</summary>
    public Task Drained => _drained.Task;

    private TimeSpan PollEvery => _quiet ? QuietRounds * options.PollInterval : options.PollInterval;

    private OpenBatches Batches => _batches ??= new OpenBatches(options, window, time, Advance, _abandon.Token);

    /// <summary>Follows a source from now on, or takes what is newly known of it. From any thread.</summary>
    public void Follow(SourceSpec source) => Post(new SourceChange(source, Removed: false));

    /// <summary>The source is not declared any more: read to the end, then forgotten. From any thread.</summary>
    public void Remove(SourceSpec source) => Post(new SourceChange(source with { Growing = false }, Removed: true));

    /// <summary>Asks something of the sources, on the loop, after all that was declared before. From any thread.</summary>
    public Task<T> AskAsync<T>(Func<IReadOnlyList<FollowedSource>, T> question)
    {
        var answer = _questions.AskAsync(question);
        Wake();
        return answer;
    }

    /// <summary>Runs until <paramref name="stopping"/>, then drains what is in flight for at most the drain time-out.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        window.Progress += Wake;
        checkpointer.Progress += Wake;
        gone.Progress += Wake;
        hints.Start(Wake);
        feeds.Start(Wake);
        foreach (var feed in feeds.All)
        {
            checkpointer.Register(feed);
        }

        ResumeDrains();
        using var waking = stopping.Register(Wake);
        while (!stopping.IsCancellationRequested)
        {
            bool progress;
            try
            {
                progress = Round();
            }
            catch (Exception e)
            {
                LogRoundFailed(logger, e);
                progress = false;
            }

            if (!progress)
            {
                await _wake.WaitAsync(UntilNextRound(), CancellationToken.None);
            }
        }

        await DrainAsync();
    }

    public void Dispose()
    {
        _abandon.Dispose();
        _wake.Dispose();
    }

    private bool Round()
    {
        Health.Tick();
        while (_changes.TryDequeue(out var change))
        {
            Apply(change);
        }

        _questions.Answer(_order);
        TakeConfirms();
        foreach (var lost in checkpointer.Tick())
        {
            Abandon(lost);
        }

        gone.Tick();
        if (Due(ref _lastScan, options.RescanInterval))
        {
            Scan();
        }

        if (Due(ref _lastPoll, PollEvery))
        {
            // Fewer rounds while all is quiet, but each idle source has its turn as often.
            for (var turns = _quiet ? QuietRounds : 1; turns > 0; turns--)
            {
                _polls.ForEach(_order, Poll);
            }

            held.Bound(_order);
            _quiet = _order.TrueForAll(s => s.IsIdle || s.Finished);
        }

        TakeHints();
        var progress = ReadFiles() | feeds.Take(Batches.For);
        var nothingMore = !progress && _order.TrueForAll(s => !s.Spec.Growing) && feeds.All.Count == 0;
        Batches.SealAged(nothingMore ? TimeSpan.Zero : options.BatchAgeMax);
        CompleteDrain(progress);
        return progress;
    }

    /// <summary>A batch may come of age, or a watch be set again, before the next poll is due.</summary>
    private TimeSpan UntilNextRound()
    {
        var wait = Min(PollEvery, Batches.UntilAged(options.BatchAgeMax));
        return _hinted.Count > 0 ? Min(wait, ChangeHints.Interval) : wait;
    }

    private void Apply(SourceChange change)
    {
        if (!_sources.TryGetValue(change.Source.Key, out var source))
        {
            if (change.Removed)
            {
                return;
            }

            _sources[change.Source.Key] = source = new FollowedSource(change.Source, new SourceAccount(metrics));
            _order.Add(source);
        }

        source.Update(change.Source);
        source.Removed = change.Removed;
        Look(source);
        Measure(source);
        drains?.Declared(source);
    }

    /// <summary>Goes on with what a former process was draining; discovery may not know of it any more.</summary>
    private void ResumeDrains()
    {
        foreach (var spec in drains?.LeftOver ?? [])
        {
            Apply(new SourceChange(spec, Removed: false));
            _sources[spec.Key].Removed = true;
        }
    }

    private void Scan()
    {
        _scans.ForEach(_order, Look);

        // What an earlier process left in the spool is not confirmed yet, though its files say that they are done.
        drains?.Look(_order.Where(s => !window.IsDraining(s.Spec.Target)));
        drains?.TakeConfirmed();
        foreach (var source in _order.Where(s => s is { Removed: true, Finished: true } && (drains is null || s.Told)).ToArray())
        {
            _order.Remove(source);
            _sources.Remove(source.Spec.Key);
            _hinted.Remove(source);
            hints.Forget(source);
        }

        if (Due(ref _lastCompressed, CompressedInterval))
        {
            // What was compressed meanwhile is known by its content, and then by its name.
            _order.ForEach(opener.LookForCompressed);
        }

        Status = TailStatus.Of(_order, window, open, metrics, time);
        ReportSilence(Status.OldestUnconfirmed);
    }

    /// <summary>Says once when nothing is confirmed any more, and once when it is again.</summary>
    private void ReportSilence(TimeSpan oldest)
    {
        if (!_silent && oldest > SilenceAfter)
        {
            _silent = true;
            LogSilent(logger, oldest.TotalSeconds);
        }
        else if (_silent && oldest < SilenceAfter)
        {
            _silent = false;
            LogConfirmsAgain(logger);
        }
    }

    private void Look(FollowedSource source)
    {
        if (source.Finished)
        {
            return;
        }

        opener.Look(source);
        source.IsIdle &= source.HasNothing;

        // Before it counts as quiet: what was written since the last poll may end its last line.
        source.Files.Where(f => f.Rotated).ToList().ForEach(f => TryMeasure(source, f));
        foreach (var file in source.Files.Where(f => f.ChangedAt == 0))
        {
            file.ChangedAt = time.GetTimestamp();
            RegisterWithContent(file);
        }
    }

    /// <summary>The disk is another node's, or away: its files are closed at once, and opened again when it is ours.</summary>
    private void Abandon(CheckpointHome lost)
    {
        foreach (var source in _order)
        {
            foreach (var file in source.Files.Where(f => f.Home == lost).ToArray())
            {
                _reader.Release(file);
                open.Abandon(file);
                source.Files.Remove(file);
                source.Seen = false;
            }
        }
    }

    /// <summary>Looks at the sources that the kernel named, and has it watch them again once they were read to the end.</summary>
    private void TakeHints()
    {
        if (!hints.IsEmpty)
        {
            var hinted = hints.Take(out var complete);
            foreach (var source in hinted)
            {
                Poll(source);
                _hinted.Add(source);
            }

            if (!complete)
            {
                _order.ForEach(Poll);
            }
        }

        if (_hinted.Count > 0)
        {
            _hinted.RemoveWhere(s => s.Current is not { AtEnd: false } && !hints.Arm(s, Measure));
        }
    }

    /// <summary>Looks at the sizes of a source's files, and closes those that are done.</summary>
    private void Poll(FollowedSource source)
    {
        for (var i = source.Files.Count - 1; i >= 0; i--)
        {
            var file = source.Files[i];
            if (!TryMeasure(source, file))
            {
                continue;
            }

            if (IsDone(source, file))
            {
                _reader.Release(file);
                open.Close(file, time.GetUtcNow().ToUnixTimeSeconds());
                source.Files.Remove(file);
            }
        }

        source.Finished |= source is { Files.Count: 0, Seen: true, Examining: false, Spec.Growing: false };
        source.IsIdle = source is { Spec.Growing: true, Problem: null, HasNothing: true, RotatedAfter: null } && IsQuiet(source.Files[0], options.QuietAfter);
        if (source is { Spec.Growing: true, Current.AtEnd: true } && hints.Arm(source, Measure))
        {
            _hinted.Add(source);
        }
    }

    /// <summary>
    /// An id gets on the disk with a fingerprint of some content: saved for an empty file, it would match any other that
    /// gets the inode.
    /// </summary>
    private void RegisterWithContent(TailedFile file)
    {
        if (file.Size > 0)
        {
            checkpointer.Register(file);
        }
    }

    private void Measure(FollowedSource source) => source.Files.ToList().ForEach(f => TryMeasure(source, f));

    /// <summary>False when the file system does not answer for this file; the others go on.</summary>
    private bool TryMeasure(FollowedSource source, TailedFile file)
    {
        if (file.Superseded || file.GivenUp || file.HandsOver || file.Bytes.IsCompressed)
        {
            return true;
        }

        try
        {
            var stat = FileStat.OfHandle(file.Bytes.Handle);
            if (stat.Size < file.Position || (stat.Size == file.Size && stat.ChangedAt != file.FileChangedAt && !file.Tail.Matches(file.Bytes.Handle)))
            {
                Rewritten(source, file);
                return true;
            }

            if (stat.ChangedAt != file.FileChangedAt)
            {
                // Written within its size: a program may fill in what it reserved.
                file.StalledAtSize = -1;
            }

            held.Note(file, stat);
            file.FileChangedAt = stat.ChangedAt;
            if (stat.Size != file.Size)
            {
                var wasEmpty = file.Size == 0;
                file.Size = stat.Size;
                source.IsIdle = false;
                file.ChangedAt = time.GetTimestamp();
                checkpointer.Grew(file);
                if (wasEmpty)
                {
                    file.RefreshFingerprint();
                    RegisterWithContent(file);
                }
            }

            file.TimeLag(time.GetTimestamp());
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ReadFailed(source, file, e);
            return false;
        }
    }

    private void Rewritten(FollowedSource source, TailedFile file)
    {
        opener.Rewritten(source, file);
        Look(source);
    }

    private bool IsDone(FollowedSource source, TailedFile file) =>
        file.HandsOver
            ? file.AllKept && IsOnDisk(file)
            : (file.Rotated || !source.Spec.Growing)
        && file.AtEnd && !file.HasPending && !file.HasOpen && !file.IsKept && IsSettled(source, file) && IsOnDisk(file)
        && IsQuiet(file, options.CloseAfterQuiet);

    /// <summary>
    /// What only was rotated away needs no more than the spool: its disk space is free again. A source that ends waits for
    /// the confirms, those of an earlier process too.
    /// </summary>
    private bool IsSettled(FollowedSource source, TailedFile file) =>
        source.Spec.Growing ? file.AllKept : file.AllConfirmed && !window.IsDraining(source.Spec.Target);

    /// <summary>A file from which nothing was ever read needs no id on the disk.</summary>
    private static bool IsOnDisk(TailedFile file) => file.Durable || file.Superseded || file.Size == 0;

    private bool IsQuiet(TailedFile file, TimeSpan since) => time.GetElapsedTime(file.ChangedAt) >= since;

    private bool ReadFiles()
    {
        foreach (var source in _order)
        {
            if (source is { Finished: false, IsIdle: false } && FileToRead(source) is { } file)
            {
                _turns.Add(source, file);
            }
        }

        var progress = false;
        foreach (var (source, file) in _turns.TakeInOrder())
        {
            progress |= ReadSource(source, file);
        }

        // After reading: what was there may go on with a record.
        foreach (var source in _order)
        {
            progress |= source is { Finished: false, IsIdle: false } && EndDueRecords(source);
        }

        return progress;
    }

    /// <summary>The file whose turn it is, if there is something to take from it now.</summary>
    private TailedFile? FileToRead(FollowedSource source)
    {
        var file = source.Next(time.GetTimestamp()) ?? source.Files.FirstOrDefault(f => (f.HasPending || (f is { HasOpen: true, IsEnding: true })) && Flushes(source, f));
        if (file is not { Durable: true } || (file.StalledAtSize == file.Size && !Flushes(source, file)))
        {
            return null;
        }

        if (file.Position == 0 && source.HeldBack.Contains(file))
        {
            return null;
        }

        // What it may send may be used up: the file keeps the rest, and the others go on.
        return _limits.Of(source)?.Refill() == false ? null : file;
    }

    private bool ReadSource(FollowedSource source, TailedFile file)
    {
        // Another source of its namespace may have used up since what they share.
        if (_limits.Of(source) is { MustWait: true } || Batches.For(source.Spec.Target, file, shared: _order.Count > 1) is not { } batch)
        {
            return false;
        }

        try
        {
            return Read(source, file, batch, Flushes(source, file), _limits.Of(source));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ReadFailed(source, file, e);
            return false;
        }
    }

    /// <summary>Delivers records of several lines for which no further line came in time.</summary>
    private bool EndDueRecords(FollowedSource source)
    {
        var ended = false;
        foreach (var file in source.Files.ToArray())
        {
            if (!file.HasOpen || file.HandsOver || !_reader.HasDue(file))
            {
                continue;
            }

            // What was written since the last look may go on with the record, and is read first.
            var size = file.Size;
            var limit = _limits.Of(source);
            if (TryMeasure(source, file) && file.Size == size && limit?.Refill() != false && Batches.For(source.Spec.Target) is { } batch)
            {
                _reader.EndDue(file, batch, limit);
                ended = true;
                if (batch.IsFull)
                {
                    Batches.TrySeal(batch);
                }
            }
        }

        return ended;
    }

    private bool Read(FollowedSource source, TailedFile file, BatchBuilder batch, bool flush, SourceLimit? limit)
    {
        LineCarry.Into(source, file);
        var before = file.Position;
        var hadPending = file.HasPending || file.HasOpen;
        var moved = _reader.Read(file, batch, flush, limit);
        if (file.Rewritten)
        {
            Rewritten(source, file);
            return true;
        }

        file.StalledAtSize = moved || batch.IsFull || limit is { MustWait: true } ? -1 : file.Size;
        file.Failures = 0;
        if (moved)
        {
            file.RefreshFingerprint();
            file.Drained = default;
            source.BytesRead += file.Position - before;
            if (file.AtEnd)
            {
                _hinted.Add(source);
            }
        }

        _turns.Served(source, file.Position - before);

        if (batch.IsFull)
        {
            Batches.TrySeal(batch);
        }

        return moved || (hadPending && !file.HasPending && !file.HasOpen);
    }

    /// <summary>Whether an unfinished last line of the file is to be delivered as it is.</summary>
    private bool Flushes(FollowedSource source, TailedFile file) =>
        file.HandsOver ? false
        : file.Rotated || !source.Spec.Growing
            ? IsQuiet(file, MayGoOnInNext(source, file) ? options.UnterminatedAfter : Min(options.UnterminatedAfter, options.CloseAfterQuiet))
            : file.Format is Contracts.LogFormat.Raw && IsQuiet(file, options.UnterminatedAfter);

    /// <summary>Whether pieces of its last line may stand in a file that comes yet: the runtime makes that soon after the rotation.</summary>
    private static bool MayGoOnInNext(FollowedSource source, TailedFile file) =>
        source.Spec.Growing && file.Rotated && file.AtEnd && file.MayContinue && source.Files[^1] is var last && (last == file || last.Size == 0);

    /// <summary>
    /// The file is kept and tried again: an error is not an empty answer. Meanwhile its successors have their turn. One
    /// that is only to be drained is given up, counted, after some tries.
    /// </summary>
    private void ReadFailed(FollowedSource source, TailedFile file, Exception e)
    {
        file.RetryAt = time.GetTimestamp() + (long)(options.RescanInterval.TotalSeconds * time.TimestampFrequency);
        file.StalledAtSize = -1;
        if (file.Failures++ == 0)
        {
            metrics.FileError("read");
            LogReadFailed(logger, source.Spec.DisplayName, source.Spec.Path, file.Position, e.Message);
        }

        if (!source.Spec.Growing && file.Failures >= FailuresMax)
        {
            file.GivenUp = true;
            source.GivenUp.Add(file.SourceId);
            file.Size = file.Position;
            metrics.Dropped("read_error", 1);
        }
    }

    private void TakeConfirms()
    {
        foreach (var batch in window.TakeSettled(_abandon.Token))
        {
            Advance(batch);
        }
    }

    private void Advance(SealedBatch batch)
    {
        foreach (var source in batch.Files)
        {
            source.AdvanceMarks(checkpointer.Moved);
        }
    }

    private void CompleteDrain(bool progress)
    {
        if (!progress && !_drained.Task.IsCompleted && _changes.IsEmpty
            && _order.TrueForAll(s => s.Finished) && window.IsEmpty && Batches.IsEmpty && checkpointer.IsClean)
        {
            _drained.TrySetResult();
        }
    }

    private async Task DrainAsync()
    {
        var started = time.GetTimestamp();
        await feeds.StopAsync();
        await hints.StopAsync();
        while (time.GetElapsedTime(started) < options.DrainTimeout)
        {
            Health.Tick();
            TakeConfirms();
            _ = checkpointer.Tick();
            Batches.SealAged(TimeSpan.Zero);
            if (window.IsSafe && Batches.IsEmpty)
            {
                break;
            }

            await _wake.WaitAsync(TimeSpan.FromMilliseconds(50), CancellationToken.None);
        }

        TakeConfirms();
        if (!window.IsSafe || !Batches.IsEmpty)
        {
            LogNotDrained(logger, options.DrainTimeout.TotalSeconds);
        }

        drains?.Look(_order.Where(s => !window.IsDraining(s.Spec.Target)));
        drains?.TakeConfirmed();
        await (drains?.FlushAsync() ?? Task.CompletedTask);
        await checkpointer.FlushAsync();
        Status = TailStatus.Of(_order, window, open, metrics, time);
        await _abandon.CancelAsync();
        foreach (var file in _order.SelectMany(s => s.Files))
        {
            file.Dispose();
        }
    }

    private bool Due(ref long last, TimeSpan interval)
    {
        if (last != long.MinValue && time.GetElapsedTime(last) < interval)
        {
            return false;
        }

        last = time.GetTimestamp();
        return true;
    }

    private void Post(SourceChange change)
    {
        _changes.Enqueue(change);
        Wake();
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake already, or gone: a publish that ends after the drain's time-out wakes nobody.
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private readonly record struct SourceChange(SourceSpec Source, bool Removed);
}

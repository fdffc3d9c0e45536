using Tributary.Collector.Publishing;
using Tributary.Contracts.Batches;

namespace Tributary.Tests.Unit.Collector;

/// <summary>
/// The next hop as a test wants it: takes batches and confirms them at once, holds the confirm back, or refuses. What it
/// took stays taken, confirmed or not. Safe from any thread.
/// </summary>
internal sealed class ScriptedPublisher : IBatchPublisher
{
    private readonly Lock _lock = new();
    private readonly List<Delivered> _records = [];
    private readonly List<(LogBatch Batch, TaskCompletionSource Confirm)> _held = [];
    private readonly HashSet<string> _refused = [];
    private bool _dead;
    private bool _hold;

    /// <summary>Runs before a batch is taken, on the publishing task.</summary>
    public Action<LogBatch>? BeforeTaking { get; set; }

    /// <summary>Publish calls, refused ones included, in order.</summary>
    public List<LogBatch> Attempts { get; } = [];

    /// <summary>Whether new batches wait for <see cref="Confirm"/>.</summary>
    public bool Hold
    {
        set
        {
            lock (_lock)
            {
                _hold = value;
            }
        }
    }

    public Delivered[] Records
    {
        get
        {
            lock (_lock)
            {
                return [.. _records];
            }
        }
    }

    public int AttemptCount
    {
        get
        {
            lock (_lock)
            {
                return Attempts.Count;
            }
        }
    }

    public LogBatch[] Held
    {
        get
        {
            lock (_lock)
            {
                return [.. _held.Select(h => h.Batch)];
            }
        }
    }

    public void Refuse(string target)
    {
        lock (_lock)
        {
            _refused.Add(target);
        }
    }

    public void Accept(string target)
    {
        lock (_lock)
        {
            _refused.Remove(target);
        }
    }

    /// <summary>Confirms the held batches that match.</summary>
    public void Confirm(Func<LogBatch, bool> which)
    {
        lock (_lock)
        {
            foreach (var (_, confirm) in _held.Where(h => which(h.Batch)).ToArray())
            {
                confirm.TrySetResult();
            }

            _held.RemoveAll(h => which(h.Batch));
        }
    }

    /// <summary>From now on nothing is taken and nothing confirmed: the process is dead as far as the bus sees.</summary>
    public void Die()
    {
        lock (_lock)
        {
            _dead = true;
        }
    }

    public Task PublishAsync(LogBatch batch, CancellationToken stopping)
    {
        BeforeTaking?.Invoke(batch);
        lock (_lock)
        {
            if (_dead)
            {
                return Task.Delay(Timeout.Infinite, stopping);
            }

            Attempts.Add(batch);
            if (_refused.Contains(batch.Target))
            {
                throw new BatchRefusedException("refused", new InvalidOperationException("The test refuses this target."));
            }

            _records.AddRange(Delivered.Of(batch));
            if (!_hold)
            {
                return Task.CompletedTask;
            }

            var confirm = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _held.Add((batch, confirm));
            return confirm.Task.WaitAsync(stopping);
        }
    }
}

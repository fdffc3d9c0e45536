namespace Tributary.Discovery.Docker;

/// <summary>
/// The containers that events named and nobody has looked at yet, each once however many events came. Bounded: past
/// the bound a full list is due instead, which sees them all.
/// </summary>
internal sealed class PendingLooks(int idsMax)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = NewSignal();
    private bool _overflowed;

    /// <summary>Completes with the next <see cref="Add"/> or <see cref="Wake"/>.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    public void Add(string id)
    {
        lock (_gate)
        {
            if (_ids.Count < idsMax)
            {
                _ids.Add(id);
            }
            else if (!_ids.Contains(id))
            {
                _overflowed = true;
            }

            _changed.TrySetResult();
        }
    }

    public void Wake()
    {
        lock (_gate)
        {
            _changed.TrySetResult();
        }
    }

    public (IReadOnlyList<string> Ids, bool Overflowed) TakeAll()
    {
        lock (_gate)
        {
            var taken = ((IReadOnlyList<string>)[.. _ids], _overflowed);
            _ids.Clear();
            _overflowed = false;
            if (_changed.Task.IsCompleted)
            {
                _changed = NewSignal();
            }

            return taken;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

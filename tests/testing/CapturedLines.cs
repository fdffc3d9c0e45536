namespace Tributary.Testing;

/// <summary>The last 20,000 output lines of a process and those who wait for one. Older lines are forgotten, oldest first.</summary>
internal sealed class CapturedLines
{
    private const int KeptMax = 20_000;

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();
    private TaskCompletionSource _changed = NewSignal();
    private long _seen;

    internal long Seen
    {
        get { lock (_lock) { return _seen; } }
    }

    internal void Add(string line)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _seen++;
            _lines.Enqueue(line);
            if (_lines.Count > KeptMax)
            {
                _lines.Dequeue();
            }

            changed = _changed;
            _changed = NewSignal();
        }

        changed.SetResult();
    }

    internal string[] ToArray()
    {
        lock (_lock)
        {
            return [.. _lines];
        }
    }

    /// <summary>The first kept line after number <paramref name="after"/> that matches, else a task that ends with the next line.</summary>
    internal (string? Line, Task Changed) Find(Predicate<string> match, long after)
    {
        lock (_lock)
        {
            var skip = (int)Math.Max(0, after - (_seen - _lines.Count));
            return (_lines.Skip(skip).FirstOrDefault(line => match(line)), _changed.Task);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

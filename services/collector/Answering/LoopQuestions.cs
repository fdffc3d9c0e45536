using System.Collections.Concurrent;

namespace Tributary.Collector.Answering;

/// <summary>What others ask of state that a loop owns: asked from any thread, answered on the loop once a round.</summary>
internal sealed class LoopQuestions<TState>
{
    private readonly ConcurrentQueue<Action<TState>> _asked = new();

    public Task<T> AskAsync<T>(Func<TState, T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Enqueue(state =>
        {
            try
            {
                answer.SetResult(question(state));
            }
            catch (Exception e)
            {
                answer.SetException(e);
            }
        });
        return answer.Task;
    }

    public void Answer(TState state)
    {
        while (_asked.TryDequeue(out var question))
        {
            question(state);
        }
    }
}

using System.Diagnostics;

namespace Tributary.Testing;

/// <summary>
/// Waits for a condition instead of for a time. A condition that throws counts as not yet true; the last exception is the
/// inner one of the <see cref="TimeoutException"/> that ends the wait.
/// </summary>
public static class Eventually
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    /// <summary><paramref name="what"/> is the end of the sentence "Waited … in vain for …".</summary>
    public static Task TrueAsync(Func<bool> condition, TimeSpan timeout, string what) =>
        TrueAsync(() => Task.FromResult(condition()), timeout, what);

    /// <inheritdoc cref="TrueAsync(Func{bool}, TimeSpan, string)"/>
    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan timeout, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            Exception? error = null;
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                error = e;
            }

            if (Stopwatch.GetElapsedTime(start) > timeout)
            {
                throw new TimeoutException($"Waited {timeout.TotalSeconds:0.#} s in vain for {what}.{(error is null ? "" : " Last error: " + error.Message)}", error);
            }

            await Task.Delay(s_pause);
        }
    }
}

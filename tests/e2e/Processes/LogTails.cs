namespace Tributary.Tests.E2e.Processes;

/// <summary>Adds the last log lines of the processes involved to the message of a wait that was in vain.</summary>
internal static class LogTails
{
    public static async Task OnTimeoutAsync(Task wait, params IReadOnlyList<ServiceProcess> processes)
    {
        try
        {
            await wait;
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException(e.Message + string.Concat(processes.Select(p => p.Tail())), e);
        }
    }
}

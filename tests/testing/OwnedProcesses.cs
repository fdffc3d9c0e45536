namespace Tributary.Testing;

/// <summary>
/// Every process that descends from one start, however it was detached: each start puts a mark of its own in the environment,
/// which children inherit. Processes inside containers have another environment and are found as children of their shims.
/// </summary>
internal sealed class OwnedProcesses
{
    internal const string Variable = "TRIBUTARY_TESTING_OWNER";

    private readonly string _entry;

    internal OwnedProcesses()
    {
        Mark = Guid.NewGuid().ToString("N");
        _entry = $"{Variable}={Mark}\0";
    }

    internal string Mark { get; }

    /// <summary>Running ones, parents before children.</summary>
    internal IReadOnlyList<int> Running()
    {
        var all = ProcessFacts.All().Where(ProcessFacts.IsRunning).ToList();
        var found = all.Where(pid => ProcessFacts.Environment(pid).Contains(_entry, StringComparison.Ordinal)).ToHashSet();
        for (var grown = true; grown && found.Count > 0;)
        {
            grown = false;
            foreach (var pid in all)
            {
                grown |= ProcessFacts.Parent(pid) is { } parent && found.Contains(parent) && found.Add(pid);
            }
        }

        return [.. found.Order()];
    }

    /// <summary>SIGKILL to each until none is left.</summary>
    internal Task KillAsync(TimeSpan timeout) =>
        Eventually.TrueAsync(
            () =>
            {
                var left = Running();
                foreach (var pid in left)
                {
                    NativeCalls.Signal(pid, UnixSignal.Kill);
                }

                return left.Count == 0;
            },
            timeout,
            "started processes to end after SIGKILL");
}

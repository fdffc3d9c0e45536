using System.Runtime.InteropServices;

namespace Tributary.Standalone;

/// <summary>
/// Turns Ctrl-C and SIGTERM into a clean stop; a later one ends the process at once. Two that come together, as from a
/// wrapper that passes on what the terminal sent as well, are one.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly PosixSignalRegistration[] _registrations;
    private long _firstAt;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
    ];

    public CancellationToken Token => _stopping.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _stopping.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        // Cancel keeps the runtime from ending the process; a later signal is left to it.
        if (Interlocked.CompareExchange(ref _firstAt, TimeProvider.System.GetTimestamp(), 0) is var first and not 0)
        {
            context.Cancel = TimeProvider.System.GetElapsedTime(first) < Together;
            return;
        }

        context.Cancel = true;
        _stopping.Cancel();
    }
}

using System.Runtime.InteropServices;

namespace Tributary.Standalone;

/// <summary>Turns Ctrl-C and SIGTERM into a clean stop; a second one ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly PosixSignalRegistration[] _registrations;

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
        // Cancel keeps the runtime from ending the process; the second signal is left to it.
        context.Cancel = !_stopping.IsCancellationRequested;
        _stopping.Cancel();
    }
}
